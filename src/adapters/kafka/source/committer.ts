// Commits positions of its own: once in a while instead of after every batch, only what is acknowledged, and only as
// the member of the generation in which it was acknowledged. kafkajs's automatic commits are off.

import type { EachBatchPayload } from 'kafkajs'
import type { Logger } from '../../../ports/logger.ts'

/** kafkajs's one commit that does not retry across generations. */
type Commit = EachBatchPayload['commitOffsetsIfNecessary']

export interface CommitterOptions {
  readonly topic: string
  readonly everyMs: number
  readonly logger: Logger
  readonly took: (seconds: number) => void
}

export interface Committer {
  /** All records of the partition before `offset` are done. Without `commit`, the one known is used. */
  note(partition: number, offset: number, commit?: Commit): void
  /** Something noted is not committed. */
  pending(): boolean
  /** Commits what was noted, if anything. A refusal is logged: the records come again, nothing is lost. */
  flush(): Promise<void>
  /** The partitions may be another member's now: what was noted must not be committed any more. */
  forget(): void
  close(): void
}

export function createCommitter(options: CommitterOptions): Committer {
  let noted = new Map<number, number>()
  let commit: Commit | undefined
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => void flush(), options.everyMs)
  timer.unref()

  async function send(): Promise<void> {
    if (noted.size === 0 || commit === undefined) return
    const sent = noted
    noted = new Map()
    const partitions = [...sent].map(([partition, offset]) => ({
      partition,
      offset: String(offset),
    }))
    const started = performance.now()
    try {
      await commit({ topics: [{ topic: options.topic, partitions }] })
      options.took((performance.now() - started) / 1000)
    } catch (error) {
      // What was noted since is newer and stays.
      for (const [partition, offset] of sent) {
        if (!noted.has(partition)) noted.set(partition, offset)
      }
      const why = (error as Error).message.slice(0, 300)
      options.logger.repeated('commit', 'positions could not be committed', { error: why })
    }
  }

  function flush(): Promise<void> {
    running = running.then(send)
    return running
  }

  return {
    note(partition, offset, given) {
      commit = given ?? commit
      noted.set(partition, offset)
    },
    pending: () => noted.size > 0 && commit !== undefined,
    flush,
    forget() {
      noted = new Map()
      commit = undefined
    },
    close: () => clearInterval(timer),
  }
}
