// Numbers in order of their last use, as a list that is linked through arrays: 16 bytes a number, and a constant time
// for every change.

const none = -1

export class Recency {
  private newer = new Int32Array(256)
  private older = new Int32Array(256)
  /** Which use of all was the last one of the number; 0: only stored. */
  private stamps = new Float64Array(256)
  private uses = 0
  private newest = none
  private oldest = none
  /** The newest of those that were only stored, which all lie before those that were used. */
  private stored = none

  /** Uses so far: stampOf() of whatever is used from now on is larger. */
  get used(): number {
    return this.uses
  }

  /** The number that was not used for longest, -1 where there is none. */
  get longestIdle(): number {
    return this.oldest
  }

  stampOf(id: number): number {
    return this.stamps[id]!
  }

  /** Adds a number as used just now. */
  add(id: number): void {
    this.grow(id + 1)
    this.link(id, this.newest)
    this.stamps[id] = ++this.uses
  }

  /** Adds a number that was never used: those that were used are newer, those that were stored before are older. */
  addStored(id: number): void {
    this.grow(id + 1)
    this.link(id, this.stored)
    this.stamps[id] = 0
    this.stored = id
  }

  use(id: number): void {
    if (id === this.newest) {
      this.stamps[id] = ++this.uses
      if (this.stored === id) this.stored = this.older[id]!
      return
    }
    this.remove(id)
    this.add(id)
  }

  remove(id: number): void {
    const older = this.older[id]!
    const newer = this.newer[id]!
    if (older === none) this.oldest = newer
    else this.newer[older] = newer
    if (newer === none) this.newest = older
    else this.older[newer] = older
    if (this.stored === id) this.stored = older
  }

  /** Puts the number after `before`, or first where that is -1. */
  private link(id: number, before: number): void {
    const after = before === none ? this.oldest : this.newer[before]!
    this.older[id] = before
    this.newer[id] = after
    if (before === none) this.oldest = id
    else this.newer[before] = id
    if (after === none) this.newest = id
    else this.older[after] = id
  }

  private grow(size: number): void {
    if (size <= this.stamps.length) return
    const length = Math.max(size, 2 * this.stamps.length)
    this.newer = larger(this.newer, new Int32Array(length))
    this.older = larger(this.older, new Int32Array(length))
    this.stamps = larger(this.stamps, new Float64Array(length))
  }
}

function larger<A extends Int32Array | Float64Array>(from: A, into: A): A {
  into.set(from as never)
  return into
}
