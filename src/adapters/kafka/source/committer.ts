// Commits positions of its own: once in a while instead of after every batch, only what is acknowledged, and only as
// the member of the generation in which it was acknowledged. kafkajs's automatic commits are off.

import type { EachBatchPayload } from 'kafkajs'
import type { Logger } from '../../../ports/logger.ts'
import type { Positions } from '../../../types.ts'

/** kafkajs's one commit that does not retry across generations. */
type Commit = EachBatchPayload['commitOffsetsIfNecessary']

export interface CommitterOptions {
  readonly topic: string
  readonly everyMs: number
  readonly logger: Logger
  readonly took: (seconds: number) => void
  /** Commit only what safeToCommit() was called for. */
  readonly commitsWhenSafe: boolean
}

export interface Committer {
  /** The member reads on from here: nothing before it is committed again. */
  begin(partition: number, offset: number): void
  /** Everything of the partition before `offset` is acknowledged. Without `commit`, the one known is used. */
  note(partition: number, offset: number, commit?: Commit): void
  /** No record lies between the newest acknowledged one and `offset`. */
  passOver(partition: number, offset: number): void
  /** What follows from the records before these positions is done as well. */
  safeToCommit(positions: Positions): void
  /** Something that may be committed is not. */
  pending(): boolean
  /** Commits what was noted, if anything. A refusal is logged: the records come again, nothing is lost. */
  flush(): Promise<void>
  /** The partitions may be another member's now: what was noted must not be committed any more. */
  forget(): void
  close(): void
}

export function createCommitter(options: CommitterOptions): Committer {
  /** After the newest acknowledged record, and after what follows it and is no record. */
  let noted = new Map<number, { readonly records: number; readonly next: number }>()
  let committed = new Map<number, number>()
  const safe = new Map<number, number>()
  let commit: Commit | undefined
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => void flush(), options.everyMs)
  timer.unref()

  /** Acknowledged and safe to commit, and not committed yet. */
  function due(): Map<number, number> {
    const found = new Map<number, number>()
    for (const [partition, { records, next }] of noted) {
      const safeUpTo = options.commitsWhenSafe ? (safe.get(partition) ?? 0) : records
      const upTo = safeUpTo >= records ? next : safeUpTo
      if (upTo > (committed.get(partition) ?? -1)) found.set(partition, upTo)
    }
    return found
  }

  async function send(): Promise<void> {
    const sent = due()
    if (sent.size === 0 || commit === undefined) return
    const partitions = [...sent].map(([partition, offset]) => ({ partition, offset: `${offset}` }))
    const started = performance.now()
    try {
      const before = committed
      await commit({ topics: [{ topic: options.topic, partitions }] })
      for (const [partition, offset] of sent) before.set(partition, offset)
      options.took((performance.now() - started) / 1000)
    } catch (error) {
      const why = (error as Error).message.slice(0, 300)
      options.logger.repeated('commit', 'positions could not be committed', { error: why })
    }
  }

  function flush(): Promise<void> {
    running = running.then(send)
    return running
  }

  return {
    begin(partition, offset) {
      if (!committed.has(partition)) committed.set(partition, offset)
    },
    note(partition, offset, given) {
      commit = given ?? commit
      noted.set(partition, { records: offset, next: offset })
    },
    passOver(partition, offset) {
      noted.set(partition, { records: noted.get(partition)?.records ?? 0, next: offset })
    },
    safeToCommit(positions) {
      const start = `${options.topic}/`
      for (const [stream, offset] of positions) {
        if (stream.startsWith(start)) safe.set(Number(stream.slice(start.length)), offset)
      }
    },
    pending: () => due().size > 0 && commit !== undefined,
    flush,
    forget() {
      noted = new Map()
      committed = new Map()
      safe.clear()
      commit = undefined
    },
    close: () => clearInterval(timer),
  }
}
