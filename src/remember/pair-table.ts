// A set of (user, item) pairs with an optional number each, in flat arrays: 8 or 16 bytes a slot where a
// Map of strings takes 100. Open addressing with linear probing; removal shifts back, so no tombstones pile up.

const emptySlot = -1
const fillMax = 0.6

/** Beyond so many slots a table is divided, so that none that doubles takes long. */
const slotsMax = 2 ** 16
const divisions = 2 ** 8

/** Pairs that are told apart by the low bits of their hashes. */
class Slots {
  size = 0
  users: Int32Array
  items: Int32Array
  values: Float64Array | undefined
  mask: number

  constructor(valued: boolean, slots: number) {
    this.users = new Int32Array(slots).fill(emptySlot)
    this.items = new Int32Array(slots)
    this.values = valued ? new Float64Array(slots) : undefined
    this.mask = slots - 1
  }

  get bytes(): number {
    return this.users.byteLength * (this.values === undefined ? 2 : 4)
  }

  /** Where the pair is, or would be. */
  slotOf(hash: number, user: number, item: number): number {
    const { users, items, mask } = this
    let slot = hash & mask
    while (users[slot] !== emptySlot && (users[slot] !== user || items[slot] !== item)) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  put(slot: number, user: number, item: number, value: number): void {
    if (this.users[slot] === emptySlot) this.size++
    this.users[slot] = user
    this.items[slot] = item
    if (this.values !== undefined) this.values[slot] = value
  }

  empty(from: number): void {
    const { users, items, values, mask } = this
    let hole = from
    let next = (hole + 1) & mask
    while (users[next] !== emptySlot) {
      const home = hashOf(users[next]!, items[next]!) & mask
      // The pair at `next` may move into the hole unless its home lies after the hole.
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        users[hole] = users[next]!
        items[hole] = items[next]!
        if (values !== undefined) values[hole] = values[next]!
        hole = next
      }
      next = (next + 1) & mask
    }
    users[hole] = emptySlot
    this.size--
  }

  forEach(visit: (user: number, item: number, value: number) => void): void {
    for (let slot = 0; slot < this.users.length; slot++) {
      const user = this.users[slot]!
      if (user !== emptySlot) visit(user, this.items[slot]!, this.values?.[slot] ?? 0)
    }
  }
}

export class PairTable {
  size = 0
  private readonly valued: boolean
  /** One, or `divisions`, which the first bits of a hash choose from. */
  private tables: Slots[]
  private divided = 0

  /** `valued`: keep a number per pair. */
  constructor(valued: boolean, capacity = 1024) {
    this.valued = valued
    this.tables = [new Slots(valued, 2 ** Math.ceil(Math.log2(Math.max(16, capacity))))]
  }

  get bytes(): number {
    return this.tables.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  has(user: number, item: number): boolean {
    const hash = hashOf(user, item)
    const table = this.tableOf(hash)
    return table.users[table.slotOf(hash, user, item)] !== emptySlot
  }

  /** The number kept with the pair, or undefined where the pair is not in the table. */
  get(user: number, item: number): number | undefined {
    const hash = hashOf(user, item)
    const table = this.tableOf(hash)
    const slot = table.slotOf(hash, user, item)
    return table.users[slot] === emptySlot ? undefined : table.values?.[slot]
  }

  set(user: number, item: number, value = 0): void {
    const hash = hashOf(user, item)
    let table = this.tableOf(hash)
    let slot = table.slotOf(hash, user, item)
    if (table.users[slot] === emptySlot) {
      if (table.size >= fillMax * table.users.length) {
        this.enlarge(hash)
        table = this.tableOf(hash)
        slot = table.slotOf(hash, user, item)
      }
      this.size++
    }
    table.put(slot, user, item, value)
  }

  /** Returns whether the pair was there. */
  delete(user: number, item: number): boolean {
    const hash = hashOf(user, item)
    const table = this.tableOf(hash)
    const slot = table.slotOf(hash, user, item)
    if (table.users[slot] === emptySlot) return false
    table.empty(slot)
    this.size--
    return true
  }

  /** Every pair, in order of the slots (which depends on the history of the table). */
  forEach(visit: (user: number, item: number, value: number) => void): void {
    for (const table of this.tables) table.forEach(visit)
  }

  private tableOf(hash: number): Slots {
    return this.tables[(hash >>> 24) & this.divided]!
  }

  /** The table of the hash gets twice the slots, or becomes many. */
  private enlarge(hash: number): void {
    const table = this.tableOf(hash)
    const slots = 2 * table.users.length
    if (slots > slotsMax && this.divided === 0) {
      this.divided = divisions - 1
      const each = slots / divisions
      this.tables = Array.from({ length: divisions }, () => new Slots(this.valued, each))
    } else this.tables[(hash >>> 24) & this.divided] = new Slots(this.valued, slots)
    table.forEach((user, item, value) => {
      const own = hashOf(user, item)
      const into = this.tableOf(own)
      into.put(into.slotOf(own, user, item), user, item, value)
    })
  }
}

function hashOf(user: number, item: number): number {
  let h = Math.imul(user, 0x9e37_79b1) ^ Math.imul(item, 0x85eb_ca77)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d)
  return h ^ (h >>> 13)
}
