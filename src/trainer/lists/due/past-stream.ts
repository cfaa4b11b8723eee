// The users of one stream whose lists wait until its past has been read, and which of them are kept outside.

import type { OwedLists } from '../../../messages.ts'
import type { Due } from './due.ts'
import { DueQueue, type DueRows, type DueVisitor } from './due-rows.ts'

/** Marks of a row: which queue it is in; its newest event is not yet kept outside. */
const [isLatest, isGiven, isUntold] = [1, 2, 4]
const notTold = -1

export class PastStream {
  isReading = true
  /** The first record that any of the users is due for and that is not kept outside, or an earlier one. */
  since = Infinity
  private readonly name: string
  private readonly rows: DueRows
  private readonly key: number
  private readonly keepsOwed: boolean
  /** Users in the order of their latest events. */
  private readonly latest: DueQueue
  /** Users who were given again, in the order in which they are taken. */
  private readonly given: DueQueue
  /** Users whose newest event is not yet kept outside, and the rows of those who have become such since takeOwed(). */
  private untold = 0
  private untoldRows: number[] = []
  private settled: [user: number, offset: number][] = []

  /** `rows`: those of all streams. */
  constructor(rows: DueRows, name: string, keepsOwed: boolean) {
    this.name = name
    this.rows = rows
    this.key = rows.streamNumber(name)
    this.keepsOwed = keepsOwed
    this.latest = new DueQueue(rows)
    this.given = new DueQueue(rows)
  }

  get size(): number {
    return this.latest.size + this.given.size
  }

  get(user: number): Due | undefined {
    const row = this.rows.find(user, this.key)
    return row >= 0 && (this.marks(row) & (isLatest | isGiven)) !== 0
      ? this.rows.due(row)
      : undefined
  }

  put(user: number, due: Due): void {
    const { rows } = this
    const row = this.rowOf(user)
    const wasUntold = (this.marks(row) & isUntold) !== 0
    this.leaveQueue(row)
    this.latest.append(row)
    rows.set(row, 'mark', isLatest | isUntold)
    rows.setDue(row, due)
    if (!wasUntold) {
      this.untold++
      if (this.keepsOwed) this.untoldRows.push(row)
    }
    const first = rows.told(row) === notTold ? due.since : due.position
    this.since = Math.min(this.since, first.offset)
  }

  owe(user: number, due: Due): void {
    const { rows } = this
    const { offset } = due.position
    const row = this.rowOf(user)
    const marks = this.marks(row)
    rows.setTold(row, Math.max(offset, rows.told(row)))
    if ((marks & isLatest) !== 0) return
    if ((marks & isGiven) !== 0 && rows.due(row).position.offset >= offset) return
    if ((marks & isGiven) === 0) this.given.append(row)
    rows.set(row, 'mark', isGiven)
    rows.setDue(row, due)
  }

  delete(user: number): void {
    const row = this.rows.find(user, this.key)
    if (row >= 0) this.remove(row)
  }

  settle(user: number): void {
    const row = this.rows.find(user, this.key)
    if (row < 0 || this.rows.told(row) === notTold) return
    this.settled.push([user, this.rows.told(row)])
    this.rows.setTold(row, notTold)
    this.release(row)
  }

  /** As if nothing had ever been kept of the user. */
  forget(user: number): void {
    const row = this.rows.find(user, this.key)
    if (row < 0) return
    this.rows.setTold(row, notTold)
    this.remove(row)
  }

  /** Takes out the user with the latest event, then those who were given. */
  next(): readonly [user: number, due: Due] | undefined {
    const row = this.latest.size > 0 ? this.latest.newest : this.given.oldest
    if (row < 0) return undefined
    const found = [this.rows.get(row, 'user'), this.rows.due(row)] as const
    this.remove(row)
    return found
  }

  show(visit: DueVisitor): void {
    for (const queue of [this.latest, this.given]) {
      for (const row of queue.walk()) this.rows.show(row, visit)
    }
  }

  *told(): Iterable<readonly [user: number, offset: number]> {
    for (const row of this.ownRows()) {
      const offset = this.rows.told(row)
      if (offset !== notTold) yield [this.rows.get(row, 'user'), offset]
    }
  }

  takeOwed(): OwedLists[] {
    const { rows, settled } = this
    if (this.untold + settled.length === 0) return []
    const owed: [number, number][] = []
    for (const row of this.untoldRows) {
      // The row may be another user's by now, or a user's who was met twice.
      if (rows.get(row, 'key') !== this.key || (this.marks(row) & isUntold) === 0) continue
      const { offset } = rows.due(row).position
      rows.set(row, 'mark', this.marks(row) & ~isUntold)
      rows.setTold(row, offset)
      owed.push([rows.get(row, 'user'), offset])
    }
    this.untold = 0
    this.untoldRows = []
    this.since = Infinity
    this.settled = []
    return [{ stream: this.name, owed, settled }]
  }

  /** Gives all rows back: nothing is called after it. */
  drop(): void {
    for (const row of this.ownRows()) this.rows.delete(row)
  }

  private *ownRows(): Iterable<number> {
    const { rows } = this
    for (let row = 0; row < rows.length; row++) {
      if (rows.get(row, 'user') >= 0 && rows.get(row, 'key') === this.key) yield row
    }
  }

  private rowOf(user: number): number {
    const row = this.rows.find(user, this.key)
    return row >= 0 ? row : this.rows.add(user, this.key)
  }

  private marks(row: number): number {
    return this.rows.get(row, 'mark')
  }

  private leaveQueue(row: number): void {
    const marks = this.marks(row)
    if ((marks & isGiven) !== 0) this.given.remove(row)
    if ((marks & isLatest) !== 0) this.latest.remove(row)
  }

  /** The user of the row is due nothing. */
  private remove(row: number): void {
    this.leaveQueue(row)
    const wasUntold = (this.marks(row) & isUntold) !== 0
    this.rows.set(row, 'mark', 0)
    if (wasUntold && --this.untold === 0) this.since = Infinity
    this.release(row)
  }

  private release(row: number): void {
    if (this.marks(row) === 0 && this.rows.told(row) === notTold) this.rows.delete(row)
  }
}
