// Lists out, in order, as they come from the trainer. Bounded: when the sink is slow, newer lists of a user replace
// older ones that still wait, and the caller can wait until there is room.

import { Failure } from '../errors.ts'
import type { RankedList } from '../messages.ts'
import type { ListSink } from '../ports/list-sink.ts'
import type { Evictions, OutRecord, TopList } from '../types.ts'
import type { Ownership } from './ownership.ts'

const writeMax = 500

export interface PublishOptions {
  readonly sink: ListSink
  readonly encode: (list: TopList) => OutRecord
  /** Who had the id after so many evictions of users, and of items; now, where they are left out. */
  readonly userName: (user: number, evictions?: number) => string
  readonly itemName: (item: number, evictions?: number) => string
  /** When the list is said to be made, in ms since the epoch. */
  readonly generatedAt: (list: RankedList) => number
  /** Beyond this many waiting lists, only the newest of each user is kept. */
  readonly waitingMax: number
  /** Asked until bytes leave. */
  readonly ownership: Pick<Ownership, 'mayPublish' | 'changed' | 'onRevoked'>
  /** Tries the work until it succeeds, or rejects for good. */
  readonly retrying: <T>(what: string, work: () => Promise<T>) => Promise<T>
  readonly onWritten: (written: Written) => void
}

/** What is safe at the sink since the last call. */
export interface Written {
  readonly lists: readonly TopList[]
  /** Those of `lists` that follow from a new event of the user. */
  readonly fresh: readonly TopList[]
  readonly forgotten: readonly string[]
}

export interface Publisher {
  lists(lists: readonly RankedList[], evictions?: Evictions): void
  /** Says that these users were forgotten: a null value for each, who had the id after so many evictions. */
  forgotten(users: Int32Array, version: number, evictions?: Int32Array): void
  /** Calls `then` once everything given so far is written. Newer lists may go along. */
  afterWritten(then: () => void): void
  /** Resolves when everything given so far is written; rejects when that has become impossible. */
  flush(): Promise<void>
  /** Resolves with the cause once lists can no longer be written; else never. */
  readonly failed: Promise<unknown>
  /** Withdraws the lists that wait; of later ones only the user is kept. Users are still forgotten. */
  pause(): void
  /** Ends that, and returns the users whose lists were held back: they need a new one. Marks since then are void. */
  resume(): Int32Array
  readonly waiting: number
}

interface Waiting {
  /** Of a mark between lists: nobody else's. */
  readonly key: string | symbol
  readonly list: TopList | undefined
  readonly version: number
  readonly ranked?: RankedList
}

export function createPublisher(options: PublishOptions): Publisher {
  const { sink, encode, retrying, ownership } = options
  let queue: Waiting[] = []
  let writing: Promise<void> | undefined
  let broken: unknown
  let tellFailed: (cause: unknown) => void = () => undefined
  const failed = new Promise<unknown>((resolve) => {
    tellFailed = resolve
  })
  let thinAt = options.waitingMax
  const marks = new Map<symbol, () => void>()
  let heldBack: Set<number> | undefined

  async function writeAll(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.slice(0, writeMax)
      queue = queue.slice(batch.length)
      const written = await retrying('writing lists', () => write(batch))
      options.onWritten(writtenOf(written))
      for (const { key } of batch) if (typeof key === 'symbol') passMark(key)
    }
  }

  const mayGo = ({ version, list }: Waiting): boolean | undefined =>
    // A list that follows from no event of the input has no stream.
    ownership.mayPublish(version, list?.position.stream || undefined)

  /** Returns what was written: not what is for others to write. */
  async function write(batch: readonly Waiting[]): Promise<Waiting[]> {
    const all = batch.filter(({ key }) => typeof key === 'string')
    for (;;) {
      while (all.some((one) => mayGo(one) === undefined)) await ownership.changed()
      const own = all.filter((one) => mayGo(one) === true)
      // What was left out is not written, whatever comes behind it: the marks would say it is.
      if (own.length < all.length) marks.clear()
      const stillMay = (): boolean => own.every((one) => mayGo(one) === true)
      const records = own.map(({ key, list }) =>
        list === undefined ? { key: String(key), value: null } : encode(list),
      )
      try {
        if (records.length > 0) await sink.write(records, stillMay)
        return own
      } catch (cause) {
        // No outage where it was called back.
        if (stillMay() || !(cause instanceof Failure) || cause.fate === 'stop') throw cause
      }
    }
  }

  function passMark(key: symbol): void {
    marks.get(key)?.()
    marks.delete(key)
  }

  function start(): void {
    if (writing !== undefined || broken !== undefined) return
    writing = writeAll()
      .catch((cause) => {
        broken = cause
        tellFailed(cause)
      })
      .finally(() => {
        writing = undefined
      })
  }

  function put(waiting: Waiting): void {
    queue.push(waiting)
    if (queue.length <= thinAt) return
    const newest = new Map(queue.map((one) => [one.key, one]))
    queue = [...newest.values()]
    thinAt = Math.max(options.waitingMax, 2 * queue.length)
  }

  // What is under way is not to arrive if that can be helped: it is looked at anew.
  ownership.onRevoked(() => sink.recall?.())
  return {
    failed,
    lists(lists, evictions) {
      for (const list of lists) {
        if (heldBack !== undefined) {
          heldBack.add(list.user)
          continue
        }
        const key = options.userName(list.user, evictions?.users)
        const own = named(list, key, options, evictions)
        put({ key, list: own, version: list.modelVersion, ranked: list })
      }
      start()
    },
    forgotten(users, version, evictions) {
      for (const [k, user] of users.entries()) {
        heldBack?.delete(user)
        put({ key: options.userName(user, evictions?.[k]), list: undefined, version })
      }
      start()
    },
    afterWritten(then) {
      if (heldBack !== undefined) return
      const key = Symbol('mark')
      marks.set(key, then)
      put({ key, list: undefined, version: 0 })
      start()
    },
    async flush() {
      while (queue.length > 0 || writing !== undefined) {
        start()
        await writing
        if (broken !== undefined) throw broken
      }
      if (broken !== undefined) throw broken
    },
    pause() {
      if (heldBack !== undefined) return
      heldBack = new Set(queue.flatMap(({ ranked }) => ranked?.user ?? []))
      queue = queue.filter(({ key, list }) => list === undefined && typeof key !== 'symbol')
      marks.clear()
    },
    resume() {
      const users = Int32Array.from(heldBack ?? [])
      heldBack = undefined
      return users
    },
    get waiting() {
      return queue.length + (heldBack?.size ?? 0)
    },
  }
}

function writtenOf(batch: readonly Waiting[]): Written {
  return {
    lists: batch.flatMap(({ list }) => list ?? []),
    fresh: batch.flatMap(({ list, ranked }) => (ranked?.restated === true ? [] : (list ?? []))),
    forgotten: batch.flatMap(({ key, list }) =>
      list === undefined && typeof key === 'string' ? key : [],
    ),
  }
}

function named(
  list: RankedList,
  user: string,
  options: PublishOptions,
  evictions: Evictions | undefined,
): TopList {
  return {
    user,
    items: [...list.items].map((item, k) => ({
      item: options.itemName(item, evictions?.items),
      score: list.scores[k]!,
    })),
    modelVersion: list.modelVersion,
    generatedAt: options.generatedAt(list),
    newestEvent: list.newestEvent,
    position: list.position,
    source: list.source,
    beatsNext: [...list.beatsNext],
  }
}
