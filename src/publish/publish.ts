// Lists out, in order, as they come from the trainer. Bounded: when the sink is slow, newer lists of a user replace
// older ones that still wait, and the caller can wait until there is room.

import type { RankedList } from '../messages.ts'
import type { Evictions, TopList } from '../types.ts'
import type { Ownership } from './ownership.ts'
import {
  createOwnedWriter,
  type OwnedWriterOptions,
  type Waiting,
  whileAny,
} from './write-owned.ts'

const writeMax = 500

export interface PublishOptions extends OwnedWriterOptions {
  /** Who had the id after this many evictions of users, and of items; now, where they are left out. */
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
  /** How often the list for everybody was. */
  readonly everybodys: number
}

export interface Publisher {
  lists(lists: readonly RankedList[], evictions?: Evictions): void
  /** A list that is no user's: see everybody.ts. `done`: it is written, or was withdrawn or left out. */
  everybody(list: TopList, done: (isWritten: boolean) => void): void
  /** Says that these users were forgotten: a null value for each, who had the id after this many evictions. */
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

export function createPublisher(options: PublishOptions): Publisher {
  const { retrying, ownership } = options
  const queue = createWaitingLists(options.waitingMax)
  const marks = new Map<symbol, () => void>()
  // What was left out is not written, whatever comes behind it: the marks would say it is.
  const write = createOwnedWriter(options, () => marks.clear())
  let heldBack: Set<number> | undefined
  const { start, finish, failed } = whileAny(queue, writeAll)

  async function writeAll(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.take(writeMax)
      const written = await retrying('writing lists', () => write(batch))
      options.onWritten(writtenOf(written))
      const own = new Set(written)
      for (const one of batch) one.done?.(own.has(one))
      for (const { key } of batch) if (typeof key === 'symbol') passMark(key)
    }
  }

  function passMark(key: symbol): void {
    marks.get(key)?.()
    marks.delete(key)
  }

  // What is under way is not to arrive if that can be helped: it is looked at anew.
  ownership.onRevoked(() => options.sink.recall?.())
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
        queue.put({ key, list: own, version: list.modelVersion, ranked: list })
      }
      start()
    },
    everybody(list, done) {
      queue.put({ key: list.user, list, version: list.modelVersion, done })
      start()
    },
    forgotten(users, version, evictions) {
      for (const [k, user] of users.entries()) {
        heldBack?.delete(user)
        queue.put({ key: options.userName(user, evictions?.[k]), list: undefined, version })
      }
      start()
    },
    afterWritten(then) {
      if (heldBack !== undefined) return
      const key = Symbol('mark')
      marks.set(key, then)
      queue.put({ key, list: undefined, version: 0 })
      start()
    },
    flush: finish,
    pause() {
      if (heldBack !== undefined) return
      heldBack = new Set(queue.withdrawLists())
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
    lists: batch.flatMap(({ list, ranked }) => (ranked === undefined ? [] : (list ?? []))),
    fresh: batch.flatMap(({ list, ranked }) =>
      ranked === undefined || ranked.restated === true ? [] : (list ?? []),
    ),
    forgotten: batch.flatMap(({ key, list }) =>
      list === undefined && typeof key === 'string' ? key : [],
    ),
    everybodys: batch.filter(({ list, ranked }) => list !== undefined && ranked === undefined)
      .length,
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

interface WaitingLists {
  readonly length: number
  put(one: Waiting): void
  /** Takes out the oldest. */
  take(most: number): Waiting[]
  /** Takes out all lists and marks; users who were forgotten stay. Returns the users of the lists. */
  withdrawLists(): number[]
}

function createWaitingLists(waitingMax: number): WaitingLists {
  let queue: Waiting[] = []
  let thinAt = waitingMax

  return {
    get length() {
      return queue.length
    },
    put(one) {
      queue.push(one)
      if (queue.length <= thinAt) return
      const newest = new Map(queue.map((each) => [each.key, each]))
      queue = [...newest.values()]
      // Where nothing could be left out, the next look is worth it only once the queue has grown.
      thinAt = Math.max(waitingMax, 2 * queue.length)
    },
    take(most) {
      const oldest = queue.slice(0, most)
      queue = queue.slice(oldest.length)
      return oldest
    },
    withdrawLists() {
      const users = queue.flatMap(({ ranked }) => ranked?.user ?? [])
      for (const { done } of queue) done?.(false)
      queue = queue.filter(({ key, list }) => list === undefined && typeof key !== 'symbol')
      return users
    },
  }
}
