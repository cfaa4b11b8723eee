// A set of (user, item) pairs with an optional number each, in flat arrays: 8 or 16 bytes a slot where a
// Map of strings takes 100. Open addressing with linear probing; removal shifts back, so no tombstones pile up.

const emptySlot = -1
const fillMax = 0.6

export class PairTable {
  size = 0
  private users: Int32Array
  private items: Int32Array
  private values: Float64Array | undefined
  private mask: number

  /** `valued`: keep a number per pair. */
  constructor(valued: boolean, capacity = 1024) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, capacity)))
    this.users = new Int32Array(slots).fill(emptySlot)
    this.items = new Int32Array(slots)
    this.values = valued ? new Float64Array(slots) : undefined
    this.mask = slots - 1
  }

  get bytes(): number {
    return this.users.byteLength * (this.values === undefined ? 2 : 4)
  }

  has(user: number, item: number): boolean {
    return this.users[this.slotOf(user, item)] !== emptySlot
  }

  /** The number kept with the pair, or undefined where the pair is not in the table. */
  get(user: number, item: number): number | undefined {
    const slot = this.slotOf(user, item)
    return this.users[slot] === emptySlot ? undefined : this.values?.[slot]
  }

  set(user: number, item: number, value = 0): void {
    let slot = this.slotOf(user, item)
    if (this.users[slot] === emptySlot) {
      if (this.size >= fillMax * this.users.length) {
        this.grow()
        slot = this.slotOf(user, item)
      }
      this.users[slot] = user
      this.items[slot] = item
      this.size++
    }
    if (this.values !== undefined) this.values[slot] = value
  }

  /** Returns whether the pair was there. */
  delete(user: number, item: number): boolean {
    let hole = this.slotOf(user, item)
    if (this.users[hole] === emptySlot) return false
    let next = (hole + 1) & this.mask
    while (this.users[next] !== emptySlot) {
      const home = this.home(this.users[next]!, this.items[next]!)
      // The pair at `next` may move into the hole unless its home lies after the hole.
      if (((next - home) & this.mask) >= ((next - hole) & this.mask)) {
        this.users[hole] = this.users[next]!
        this.items[hole] = this.items[next]!
        if (this.values !== undefined) this.values[hole] = this.values[next]!
        hole = next
      }
      next = (next + 1) & this.mask
    }
    this.users[hole] = emptySlot
    this.size--
    return true
  }

  /** Every pair, in order of the slots (which depends on the history of the table). */
  forEach(visit: (user: number, item: number, value: number) => void): void {
    for (let slot = 0; slot < this.users.length; slot++) {
      const user = this.users[slot]!
      if (user !== emptySlot) visit(user, this.items[slot]!, this.values?.[slot] ?? 0)
    }
  }

  private home(user: number, item: number): number {
    let h = Math.imul(user, 0x9e37_79b1) ^ Math.imul(item, 0x85eb_ca77)
    h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d)
    return (h ^ (h >>> 13)) & this.mask
  }

  private slotOf(user: number, item: number): number {
    const { users, items, mask } = this
    let slot = this.home(user, item)
    while (users[slot] !== emptySlot && (users[slot] !== user || items[slot] !== item)) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private grow(): void {
    this.resize(2 * this.users.length)
  }

  private resize(slots: number): void {
    const { users, items, values } = this
    this.users = new Int32Array(slots).fill(emptySlot)
    this.items = new Int32Array(slots)
    this.values = values === undefined ? undefined : new Float64Array(slots)
    this.mask = slots - 1
    for (let from = 0; from < users.length; from++) {
      if (users[from] === emptySlot) continue
      const to = this.slotOf(users[from]!, items[from]!)
      this.users[to] = users[from]!
      this.items[to] = items[from]!
      if (values !== undefined && this.values !== undefined) this.values[to] = values[from]!
    }
  }
}
