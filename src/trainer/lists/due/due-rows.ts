// Users who are due a list, as rows of numbers: a million of them wait while a long history is read or more events come
// than can be ranked, and as objects they would be what every full garbage collection looks at. Rows of a user are
// chained, one for each key, and stand in queues. Rows lie in pages, so that none is ever copied to make room.

import type { Due } from './due.ts'

const pageShift = 12
const pageRows = 2 ** pageShift
const none = -1

/** Whole numbers of a row. `mark` is whoever's the key is. Two pairs of neighbours: a row may stand in two queues. */
const ints = [
  'user',
  'key',
  'stream',
  'mark',
  'next',
  'older0',
  'newer0',
  'older1',
  'newer1',
] as const
const numbers = ['time', 'offset', 'since', 'sinceMs', 'told'] as const
export type RowInt = (typeof ints)[number]
const placeOf = Object.fromEntries(
  [...ints.entries(), ...numbers.entries()].map(([place, name]) => [name, place]),
) as Record<RowInt | (typeof numbers)[number], number>

/** What a checkpoint holds of a user who is due. */
export type DueVisitor = (user: number, time: number, stream: string, offset: number) => void

export class DueRows {
  private readonly ints: Int32Array[] = []
  private readonly numbers: Float64Array[] = []
  /** The first row of each user, plus 1. */
  private readonly heads: (Int32Array | undefined)[] = []
  private readonly streams: string[] = []
  /** Rows of nobody, chained by `next`. */
  private vacant = none
  private count = 0

  /** Rows so far, also those of nobody now, whose user is -1. */
  get length(): number {
    return this.count
  }

  get(row: number, name: RowInt): number {
    return this.ints[row >>> pageShift]![(row & (pageRows - 1)) * ints.length + placeOf[name]]!
  }

  set(row: number, name: RowInt, value: number): void {
    this.ints[row >>> pageShift]![(row & (pageRows - 1)) * ints.length + placeOf[name]] = value
  }

  /** The highest offset that is kept outside; -1: none. */
  told(row: number): number {
    return this.numbers[row >>> pageShift]![this.at(row) + placeOf.told]!
  }

  setTold(row: number, offset: number): void {
    this.numbers[row >>> pageShift]![this.at(row) + placeOf.told] = offset
  }

  /** The row of the user under that key, or -1. */
  find(user: number, key: number): number {
    let row = this.first(user)
    while (row !== none && this.get(row, 'key') !== key) row = this.get(row, 'next')
    return row
  }

  /** A row of the user, or -1; `next` of a row is the next one. */
  first(user: number): number {
    return (this.heads[user >>> pageShift]?.[user & (pageRows - 1)] ?? 0) - 1
  }

  /** A new row of the user under that key. */
  add(user: number, key: number): number {
    const row = this.vacant === none ? this.count++ : this.vacant
    if (row >>> pageShift === this.ints.length) {
      this.ints.push(new Int32Array(ints.length * pageRows))
      this.numbers.push(new Float64Array(numbers.length * pageRows))
    }
    if (row === this.vacant) this.vacant = this.get(row, 'next')
    const heads = (this.heads[user >>> pageShift] ??= new Int32Array(pageRows))
    this.set(row, 'user', user)
    this.set(row, 'key', key)
    this.set(row, 'mark', 0)
    this.set(row, 'next', heads[user & (pageRows - 1)]! - 1)
    heads[user & (pageRows - 1)] = row + 1
    this.setTold(row, none)
    return row
  }

  /** The row must be in no queue. */
  delete(row: number): void {
    const user = this.get(row, 'user')
    const next = this.get(row, 'next')
    let before = this.first(user)
    if (before === row) this.heads[user >>> pageShift]![user & (pageRows - 1)] = next + 1
    else {
      while (this.get(before, 'next') !== row) before = this.get(before, 'next')
      this.set(before, 'next', next)
    }
    this.set(row, 'user', none)
    this.set(row, 'next', this.vacant)
    this.vacant = row
  }

  due(row: number): Due {
    const page = this.numbers[row >>> pageShift]!
    const at = this.at(row)
    const stream = this.streams[this.get(row, 'stream')]!
    return {
      time: page[at + placeOf.time]!,
      position: { stream, offset: page[at + placeOf.offset]! },
      since: { stream, offset: page[at + placeOf.since]! },
      sinceMs: page[at + placeOf.sinceMs]!,
    }
  }

  /** due() without an object. */
  show(row: number, visit: DueVisitor): void {
    const page = this.numbers[row >>> pageShift]!
    const at = this.at(row)
    const stream = this.streams[this.get(row, 'stream')]!
    visit(this.get(row, 'user'), page[at + placeOf.time]!, stream, page[at + placeOf.offset]!)
  }

  /** `since` is a place of the same stream. */
  setDue(row: number, { time, position, since, sinceMs }: Due): void {
    const page = this.numbers[row >>> pageShift]!
    const at = this.at(row)
    page[at + placeOf.time] = time
    page[at + placeOf.offset] = position.offset
    page[at + placeOf.since] = since.offset
    page[at + placeOf.sinceMs] = sinceMs
    this.set(row, 'stream', this.streamNumber(position.stream))
  }

  /** The offset, in the row's stream, of the first record that the row is due for. */
  since(row: number): number {
    return this.numbers[row >>> pageShift]![this.at(row) + placeOf.since]!
  }

  streamNumber(name: string): number {
    const known = this.streams.indexOf(name)
    return known >= 0 ? known : this.streams.push(name) - 1
  }

  streamName(stream: number): string {
    return this.streams[stream]!
  }

  private at(row: number): number {
    return (row & (pageRows - 1)) * numbers.length
  }
}

/** Rows from the oldest to the newest, by one pair of neighbours, which other queues may use for other rows. */
export class DueQueue {
  size = 0
  oldest = none
  newest = none
  private readonly rows: DueRows
  private readonly older: RowInt
  private readonly newer: RowInt
  /** Rows that walks under way come to next. */
  private readonly walks = new Set<{ row: number; readonly towards: RowInt }>()

  constructor(rows: DueRows, pair: 0 | 1 = 0) {
    this.rows = rows
    this.older = `older${pair}`
    this.newer = `newer${pair}`
  }

  /** The row becomes the newest. */
  append(row: number): void {
    const { rows, newest } = this
    rows.set(row, this.older, newest)
    rows.set(row, this.newer, none)
    if (newest === none) this.oldest = row
    else rows.set(newest, this.newer, row)
    this.newest = row
    this.size++
  }

  remove(row: number): void {
    const { rows } = this
    for (const walk of this.walks) if (walk.row === row) walk.row = rows.get(row, walk.towards)
    const older = rows.get(row, this.older)
    const newer = rows.get(row, this.newer)
    if (older === none) this.oldest = newer
    else rows.set(older, this.newer, newer)
    if (newer === none) this.newest = older
    else rows.set(newer, this.older, older)
    this.size--
  }

  /** Rows may be removed meanwhile; one that is appended again may come twice. */
  *walk(from: 'oldest' | 'newest' = 'oldest'): Generator<number, void, undefined> {
    const walk = { row: this[from], towards: from === 'oldest' ? this.newer : this.older }
    this.walks.add(walk)
    try {
      while (walk.row !== none) {
        const { row } = walk
        walk.row = this.rows.get(row, walk.towards)
        yield row
      }
    } finally {
      this.walks.delete(walk)
    }
  }
}
