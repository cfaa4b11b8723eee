// Leave-one-out splits of a whole log, by the two protocols of the literature. Pure: rows in, arrays out; no
// model, no file. Ids are dense, in order of first appearance among the rows that stay.
//
// Rules, both protocols: a user's events are in order of time, EQUAL TIMES IN INPUT ORDER. Of several
// events of one (user, item) only the first counts as an event, so nothing held out can be known.
// - ncr: users and items with fewer than `minimum` rows of the raw input are dropped, once, not again. The latest
//   event is the test, the one before the validation; both are ranked among the same `negatives` items, which
//   the user never has in the whole log. Users left with fewer than 3 events are for training only.
// - ncf: the held-out items and their negatives are given; no filter, no validation.

import type { Random } from '../../sample/random.ts'

export interface Row {
  readonly user: string
  readonly item: string
  readonly timestamp: number
}

/** A held-out row of the ncf protocol. */
export interface HeldOut extends Row {
  readonly negatives: readonly string[]
}

/** Who has what: the events of user u are [start[u], start[u+1]), oldest first. */
export interface Log {
  readonly start: Int32Array
  readonly items: Int32Array
  /** ms since the epoch, or any other order the data has. */
  readonly times: Float64Array
}

/** Per user the item held out (-1: none) and its time. */
export interface Target {
  readonly items: Int32Array
  readonly times: Float64Array
}

export interface Split {
  readonly users: readonly string[]
  readonly items: readonly string[]
  readonly train: Log
  readonly validation: Target
  readonly test: Target
  /** users × negativesPerUser; -1 where a user has fewer. */
  readonly negatives: Int32Array
  readonly negativesPerUser: number
}

export interface NcrOptions {
  readonly minimum?: number
  readonly negatives?: number
}

/** Draws the negatives from `random`, users in their dense order. */
export function splitNcr(rows: Iterable<Row>, random: Random, options: NcrOptions = {}): Split {
  const { minimum = 10, negatives = 100 } = options
  const all = [...rows]
  const ofUser = countBy(all, (row) => row.user)
  const ofItem = countBy(all, (row) => row.item)
  const kept = all.filter(
    (row) => ofUser.get(row.user)! >= minimum && ofItem.get(row.item)! >= minimum,
  )
  const { users, items, log } = indexRows(kept)
  const latest = holdOutLast(log, 3)
  const before = holdOutLast(latest.rest, 2, latest.target)
  return {
    users,
    items,
    train: before.rest,
    validation: before.target,
    test: latest.target,
    negatives: drawNegatives(log, items.length, negatives, random),
    negativesPerUser: negatives,
  }
}

/** A negative that equals the held-out item or is given twice is left out: no item is ranked against itself. */
export function splitNcf(rows: Iterable<Row>, heldOut: readonly HeldOut[]): Split {
  const tests = new Map(heldOut.map((row) => [row.user, row]))
  const {
    users,
    items,
    log: train,
  } = indexRows(
    [...rows].filter((row) => tests.get(row.user)?.item !== row.item),
    heldOut.flatMap((row) => [row.item, ...row.negatives]),
  )
  const numberOf = new Map(items.map((item, number) => [item, number]))
  const negativesPerUser = Math.max(0, ...heldOut.map((row) => row.negatives.length))
  const negatives = new Int32Array(users.length * negativesPerUser).fill(-1)
  const test = noTarget(users.length)
  users.forEach((user, u) => {
    const row = tests.get(user)
    if (row === undefined) return
    test.items[u] = numberOf.get(row.item)!
    test.times[u] = row.timestamp
    const distinct = [...new Set(row.negatives)].filter((item) => item !== row.item)
    distinct.forEach((item, k) => {
      negatives[u * negativesPerUser + k] = numberOf.get(item)!
    })
  })
  return {
    users,
    items,
    train,
    validation: noTarget(users.length),
    test,
    negatives,
    negativesPerUser,
  }
}

function indexRows(
  rows: readonly Row[],
  moreItems: readonly string[] = [],
): { users: string[]; items: string[]; log: Log } {
  const userNumber = new Map<string, number>()
  const itemNumber = new Map<string, number>()
  const events: { readonly item: number; readonly time: number }[][] = []
  const seen: Set<number>[] = []
  for (const row of rows) {
    const u = numberOf(userNumber, row.user)
    const item = numberOf(itemNumber, row.item)
    const mine = (seen[u] ??= new Set())
    if (mine.has(item)) continue
    mine.add(item)
    ;(events[u] ??= []).push({ item, time: row.timestamp })
  }
  for (const item of moreItems) numberOf(itemNumber, item)
  // The sort is stable: equal times stay in input order.
  for (const mine of events) mine.sort((one, other) => one.time - other.time)
  const flat = events.flat()
  return {
    users: [...userNumber.keys()],
    items: [...itemNumber.keys()],
    log: {
      start: startsOf(events.map((mine) => mine.length)),
      items: Int32Array.from(flat, (event) => event.item),
      times: Float64Array.from(flat, (event) => event.time),
    },
  }
}

function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name)
  if (known !== undefined) return known
  numbers.set(name, numbers.size)
  return numbers.size - 1
}

/**
 * Takes the last event of every user with at least `least`; with `where`, of every user who has a
 * target there.
 */
export function holdOutLast(
  log: Log,
  least: number,
  where?: Target,
): { rest: Log; target: Target } {
  const users = log.start.length - 1
  const target = noTarget(users)
  const keep = new Uint8Array(log.items.length).fill(1)
  const lengths: number[] = []
  for (let u = 0; u < users; u++) {
    const end = log.start[u + 1]!
    const length = end - log.start[u]!
    const takes = length >= least && (where === undefined || where.items[u]! >= 0)
    lengths.push(takes ? length - 1 : length)
    if (!takes) continue
    target.items[u] = log.items[end - 1]!
    target.times[u] = log.times[end - 1]!
    keep[end - 1] = 0
  }
  const rest = {
    start: startsOf(lengths),
    items: log.items.filter((_, at) => keep[at] === 1),
    times: log.times.filter((_, at) => keep[at] === 1),
  }
  return { rest, target }
}

/** Distinct uniform items that the user does not have; all of them where there are no more than `count`. */
export function drawNegatives(log: Log, items: number, count: number, random: Random): Int32Array {
  const users = log.start.length - 1
  const drawn = new Int32Array(users * count).fill(-1)
  const has = new Int32Array(items).fill(-1)
  const open = new Int32Array(items)
  for (let u = 0; u < users; u++) {
    for (let at = log.start[u]!; at < log.start[u + 1]!; at++) has[log.items[at]!] = u
    let size = 0
    for (let item = 0; item < items; item++) if (has[item] !== u) open[size++] = item
    // The first steps of a Fisher-Yates shuffle: bounded, however little is open.
    for (let k = 0; k < Math.min(count, size); k++) {
      const other = k + random.below(size - k)
      const taken = open[other]!
      open[other] = open[k]!
      open[k] = taken
      drawn[u * count + k] = taken
    }
  }
  return drawn
}

export function noTarget(users: number): Target {
  return { items: new Int32Array(users).fill(-1), times: new Float64Array(users) }
}

function startsOf(lengths: readonly number[]): Int32Array {
  const start = new Int32Array(lengths.length + 1)
  lengths.forEach((length, u) => {
    start[u + 1] = start[u]! + length
  })
  return start
}

function countBy(rows: readonly Row[], key: (row: Row) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1)
  return counts
}
