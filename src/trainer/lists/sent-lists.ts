// The last list of each user: a hash of its content, when it was ranked and sent, what it reflects, and, where items
// may have to leave lists, what is in it. All in columns by user: an object for each would be looked at by every full
// garbage collection.

import { longer } from '../../arrays.ts'
import type { ChangedRows } from '../../ports/live-state.ts'
import type { Reflected } from './due/due.ts'

/** Hash 0 means that there is no list yet, or that a restart may have lost it. */
export interface SentLists {
  hash(user: number): number
  /** Remembers the hash of the newest list, after how many events it was ranked, and its items. */
  ranked(user: number, hash: number, events: number, items?: Int32Array): void
  /** Whether the list holds one of these, or may: of a list from before a restart it may not be known what is in it. */
  holdsAny(user: number, of: (item: number) => boolean): boolean
  /** Items that are remembered of a list; 0: none. */
  readonly width: number
  /** (users, width) items of the lists of users `from` … `to`-1, the rest of a row below 0. Valid until one changes. */
  items(from: number, to: number): Int32Array
  /** Takes what was saved of `items()`. */
  restoreItems(rows: Int32Array, users: number): void
  /** Events when the user's list was last ranked; -1: never. */
  rankedAt(user: number): number
  /** Monotonic ms; -Infinity: not yet. */
  sentAt(user: number): number
  sent(user: number, nowMs: number): void
  /** The next list of the user goes out even if it has not changed. */
  forget(user: number): void
  forgetAll(): void
  /** All users who ever had a list are below. */
  readonly users: number
}

/** Instead of the first item. */
const unknown = -2
const nothing = -1
/** Of which lists are known; a worker has a stream for each partition that it was ever given. */
const streamsMax = 2 ** 16 - 1

/**
 * `changed`: gets a mark for every user of whom something else is remembered than before. `width`: the longest list, or
 * 0 where it does not matter what is in them.
 */
export function createSentLists(changed: ChangedRows, width = 0): SentLists {
  let hashes: Int32Array = new Int32Array(256)
  /** Plus 1, and 0 for never: so what is new needs no writing. */
  let rankedAfter: Float64Array = new Float64Array(256)
  /** 0: not yet. */
  let sentAt: Float64Array = new Float64Array(256)
  let items: Int32Array = new Int32Array(256 * width)
  /** Rows of `items` that are known, or unknown, and not merely new. */
  let rows = 0
  let users = 0

  function growFor(user: number): void {
    if (user < hashes.length) return
    const size = Math.max(user + 1, 2 * hashes.length)
    hashes = longer(hashes, size)
    rankedAfter = longer(rankedAfter, size)
    sentAt = longer(sentAt, size)
    items = longer(items, size * width)
  }

  function reach(end: number): void {
    growFor(end - 1)
    if (end <= rows) return
    items.fill(unknown, rows * width, end * width)
    rows = end
  }

  function keepItems(user: number, of: Int32Array): void {
    reach(user + 1)
    const at = user * width
    items.fill(nothing, at, at + width)
    items.set(of.subarray(0, width), at)
  }

  return {
    hash: (user) => hashes[user] ?? 0,
    ranked(user, hash, events, of) {
      growFor(user)
      if (width > 0 && of !== undefined) keepItems(user, of)
      hashes[user] = hash
      rankedAfter[user] = events + 1
      users = Math.max(users, user + 1)
      changed.mark(user)
    },
    holdsAny(user, of) {
      const at = user * width
      if (user >= rows || items[at] === unknown) return true
      for (let x = at; x < at + width && items[x]! >= 0; x++) if (of(items[x]!)) return true
      return false
    },
    width,
    items(from, to) {
      reach(to)
      return items.subarray(from * width, to * width)
    },
    restoreItems(saved, ofUsers) {
      if (ofUsers === 0) return
      reach(ofUsers)
      items.set(saved)
    },
    rankedAt: (user) => (rankedAfter[user] ?? 0) - 1,
    sentAt: (user) => sentAt[user] || Number.NEGATIVE_INFINITY,
    sent(user, nowMs) {
      growFor(user)
      // As near to 0 as can be, and not after it, for a clock that begins there.
      sentAt[user] = nowMs || -Number.MIN_VALUE
    },
    forget(user) {
      if (user < hashes.length) hashes[user] = 0
      changed.mark(user)
    },
    forgetAll() {
      hashes.fill(0)
      changed.markAll()
    },
    get users() {
      return users
    },
  }
}

/** What the last list of each user reflects, as a Map from users to that. */
export class ReflectedByUser {
  private times: Float64Array = new Float64Array(256)
  private offsets: Float64Array = new Float64Array(256)
  /** Stream n as n + 1; 0: nothing is known of a list of the user. */
  private streams: Uint16Array = new Uint16Array(256)
  private readonly names: string[] = []

  has(user: number): boolean {
    return (this.streams[user] ?? 0) > 0
  }

  get(user: number): Reflected | undefined {
    if (!this.has(user)) return undefined
    const stream = this.names[this.streams[user]! - 1]!
    return { time: this.times[user]!, position: { stream, offset: this.offsets[user]! } }
  }

  timeOf(user: number): number | undefined {
    return this.has(user) ? this.times[user] : undefined
  }

  set(user: number, { time, position }: Reflected): void {
    if (user >= this.times.length) {
      const size = Math.max(user + 1, 2 * this.times.length)
      this.times = longer(this.times, size)
      this.offsets = longer(this.offsets, size)
      this.streams = longer(this.streams, size)
    }
    this.times[user] = time
    this.offsets[user] = position.offset
    this.streams[user] = 1 + this.numberOf(position.stream)
  }

  delete(user: number): void {
    if (this.has(user)) this.streams[user] = 0
  }

  /** Forgets what lists reflect that are of other streams. */
  keep(streams: ReadonlySet<string>): void {
    const isKept = Uint8Array.from(['', ...this.names], (name) => (streams.has(name) ? 1 : 0))
    for (let user = 0; user < this.streams.length; user++) {
      if (isKept[this.streams[user]!] === 0) this.streams[user] = 0
    }
  }

  /** In ascending order. */
  *keys(): Iterable<number> {
    for (let user = 0; user < this.streams.length; user++) if (this.has(user)) yield user
  }

  private numberOf(stream: string): number {
    const known = this.names.indexOf(stream)
    if (known >= 0) return known
    if (this.names.length === streamsMax) throw new RangeError(`more than ${streamsMax} streams`)
    return this.names.push(stream) - 1
  }
}
