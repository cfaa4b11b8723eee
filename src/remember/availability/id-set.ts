// Some of the ids 0, 1, 2 …: added, taken out and looked up without a search, and listed as they lie.

export interface IdSet {
  has(id: number): boolean
  /** In no order. Valid until the next change. */
  all(): Int32Array
  /** Whether it is new. */
  add(id: number): boolean
  delete(id: number): void
}

export function createIdSet(): IdSet {
  let members = new Int32Array(64)
  let size = 0
  /** Place among the members plus one; 0: none. */
  let places = new Int32Array(1_024)

  return {
    has: (id) => (places[id] ?? 0) > 0,
    all: () => members.subarray(0, size),
    add(id) {
      if (id >= places.length) places = enlarged(places, id + 1)
      if (places[id]! > 0) return false
      if (size === members.length) members = enlarged(members, size + 1)
      members[size++] = id
      places[id] = size
      return true
    },
    delete(id) {
      const place = places[id] ?? 0
      if (place === 0) return
      const last = members[--size]!
      members[place - 1] = last
      places[last] = place
      places[id] = 0
    },
  }
}

function enlarged(from: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(Math.max(least, 2 * from.length))
  more.set(from)
  return more
}
