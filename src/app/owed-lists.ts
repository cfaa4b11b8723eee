// Who is owed a list for what was read of a past, kept in the store beside the positive sets. A past may take hours to
// read and its lists come at the end; with this record its positions are committed meanwhile, so that a worker that is
// killed goes on where it was, and whoever reads the stream next makes the lists that are left.

import type { OwedList, OwedLists } from '../messages.ts'
import type { OwedUser } from '../ports/positive-store.ts'
import type { Ids } from '../remember/ids.ts'
import { createOwedLoader, type OwedKeeperParts, type OwedStream } from './owed-loader.ts'

export interface OwedKeeper {
  /**
   * The trainer has told who is owed a list, and no longer is. `then` is called once that is safe in the store, in the
   * order of the calls; it gets what is to be called when all lists reported so far are written.
   */
  told(report: OwedReport, then: AfterKept): void
  forgotten(users: readonly string[]): void
  /**
   * From now on these streams are this worker's, each with the round of user reads since which its users are known.
   * Lists on their way may have been lost: all who are owed one are read anew.
   */
  assigned(streams: ReadonlyMap<string, number>): void
  /** Resolves when everything told so far is safe. */
  flush(): Promise<void>
  /** Resolves when all who were owed a list were given to the trainer, or the signal is aborted. */
  loaded(signal: AbortSignal): Promise<void>
  /** Resolves with the cause once the store refuses for good; else never. */
  readonly failed: Promise<unknown>
}

export interface OwedReport {
  readonly lists: readonly OwedLists[]
  /** As of how many evictions of users the ids are meant. */
  readonly evictions: number | undefined
  /** False: made before the newest assignment, or while lists are held back; who was listed may not have got it. */
  readonly isCurrent: boolean
}

export type AfterKept = (written: () => void) => void

export function createOwedKeeper(parts: OwedKeeperParts): OwedKeeper {
  const { owed, users, retrying } = parts
  let streams = new Map<string, OwedStream>()
  let settled: { readonly stream: string; readonly owed: readonly OwedUser[] }[] = []
  let line: Promise<void> | undefined
  let tellFailed: (cause: unknown) => void = () => undefined
  const failed = new Promise<unknown>((resolve) => {
    tellFailed = resolve
  })

  const loader = createOwedLoader(parts, () => streams, tellFailed)

  /** One after another: what is removed must not overtake what was added before, nor the other way round. */
  function inLine(work: () => Promise<void>): Promise<void> {
    const own: Promise<void> = (line ?? Promise.resolve()).then(work).catch(tellFailed)
    line = own
    void own.finally(() => {
      if (line === own) line = undefined
    })
    return own
  }

  const owning = createOwning(parts, (stream) => streams.has(stream))

  async function add(stream: string, some: readonly OwedUser[]): Promise<void> {
    if (some.length === 0) return
    await owning.until(stream)
    await retrying('keeping who is owed a list', async () => {
      // Where another worker reads the stream now, its records come again there: nothing behind them was committed.
      const kept = streams.get(stream)?.kept
      if (kept === undefined) return
      for (const [user, offset] of some) kept.set(user, offset)
      await owed.add(stream, some)
    })
  }

  async function remove(stream: string, some: readonly OwedUser[]): Promise<void> {
    const kept = streams.get(stream)?.kept
    // Of another worker's stream nothing is known any more.
    const owns = kept === undefined ? false : parts.owns(stream)
    if (owns === undefined) settled.push({ stream, owed: some })
    if (kept === undefined || owns !== true) return
    // A newer record has come meanwhile: a list is owed again.
    const gone = some.filter(([user, offset]) => (kept.get(user) ?? offset) <= offset)
    for (const [user] of gone) kept.delete(user)
    const names = gone.map(([user]) => user)
    await retrying('keeping who is owed a list', () => owed.remove(stream, names))
  }

  function written(): void {
    const done = settled
    settled = []
    if (done.length === 0) return
    void inLine(async () => {
      for (const one of done) await remove(one.stream, one.owed)
    })
  }

  return {
    told({ lists, evictions, isCurrent }, then) {
      const after = (): void => then(written)
      const under = streams
      if (lists.length === 0 && line === undefined) {
        after()
        return
      }
      const named = namesBy(users, evictions)
      const told = lists.map(({ stream, ...of }) => {
        return { stream, owed: named(of.owed), settled: named(of.settled) }
      })
      void inLine(async () => {
        for (const { stream, owed } of told) await add(stream, owed)
        if (isCurrent && streams === under) {
          for (const one of told) settled.push({ stream: one.stream, owed: one.settled })
        }
        after()
      })
    },
    forgotten(names) {
      void inLine(async () => {
        for (const [stream, { kept }] of streams) {
          const gone = names.flatMap((user): OwedUser[] => {
            const offset = kept.get(user)
            return offset === undefined ? [] : [[user, offset]]
          })
          if (gone.length > 0) await remove(stream, gone)
        }
      })
    },
    assigned(given) {
      settled = []
      streams = new Map(
        [...given].map(([name, round]) => [name, { kept: new Map(), given: Infinity, round }]),
      )
      loader.start()
      owning.reassigned()
    },
    async flush() {
      while (line !== undefined) await line
    },
    async loaded(signal) {
      if (signal.aborted) return
      await loader.loading()
    },
    failed,
  }
}

function namesBy(users: Ids, evictions: number | undefined) {
  return (all: readonly OwedList[]): OwedUser[] =>
    all
      .map(([user, offset]): OwedUser => [users.name(user, evictions), offset])
      .filter(([name]) => name !== '')
}

/** A worker that the group may have given up must not say who is owed a list for what others read by now. */
function createOwning(
  { owns, ownershipChanged, signal }: OwedKeeperParts,
  isAssigned: (stream: string) => boolean,
) {
  let tell: () => void = () => undefined
  const next = () =>
    new Promise<void>((resolve) => {
      tell = resolve
    })
  let assignment = next()
  signal.addEventListener('abort', () => tell())

  return {
    /** Resolves when the stream is known to be this worker's, or another's, and when the worker is to stop. */
    async until(stream: string): Promise<void> {
      while (isAssigned(stream) && owns(stream) !== true && !signal.aborted) {
        await Promise.race([ownershipChanged(), assignment])
      }
    },
    reassigned(): void {
      tell()
      assignment = next()
    },
  }
}
