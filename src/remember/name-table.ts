// Names by number and numbers by name, however many there are: a Map of V8 has at most 2²⁴ places and holds every name
// as an object. Hashes and numbers lie in open tables that are found by the first bits of the hash and grow one by one,
// so that none of them takes long.

import { randomInt } from 'node:crypto'
import { NameList } from './name-list.ts'

const tableBits = 8
const slotsMin = 8
/** In place of a hash. */
const empty = 0
const deleted = 1
/** No result depends on it: nobody from outside can choose names that all have one hash. */
const seed = randomInt(2 ** 32)

interface Slots {
  /** Hash and number of each slot. */
  pairs: Int32Array
  /** Slots with a name, and slots that are not empty. */
  names: number
  taken: number
}

/** No name has two numbers. */
export class NameTable extends NameList {
  private readonly hash: (name: string) => number
  /** Made when a name is first looked for. */
  private tables: Slots[] | undefined

  constructor(hash = hashOf) {
    super()
    this.hash = hash
  }

  override get bytes(): number {
    const { tables = [] } = this
    return super.bytes + tables.reduce((sum, { pairs }) => sum + pairs.byteLength, 0)
  }

  /** The number of a name; undefined: it has none. */
  find(name: string): number | undefined {
    const slots = this.prepare()
    const hash = this.hashOf(name)
    const { pairs } = slots[hash >>> (32 - tableBits)]!
    const last = pairs.length - 2
    for (let at = (2 * hash) & last; pairs[at] !== empty; at = (at + 2) & last) {
      if (pairs[at] === hash && this.is(pairs[at + 1]!, name)) return pairs[at + 1]
    }
    return undefined
  }

  override push(name: string): number {
    const id = super.push(name)
    if (name !== '') this.add(name, id)
    return id
  }

  override rename(id: number, name: string): void {
    this.delete(this.name(id), id)
    super.rename(id, name)
    if (name !== '') this.add(name, id)
  }

  /** Else the first find() takes a fifth of a second for each million names. */
  prepare(): readonly Slots[] {
    if (this.tables !== undefined) return this.tables
    this.tables = Array.from({ length: 2 ** tableBits }, () => {
      return { pairs: new Int32Array(2 * slotsMin), names: 0, taken: 0 }
    })
    for (let id = 0; id < this.length; id++) {
      const name = this.name(id)
      if (name !== '') this.add(name, id)
    }
    return this.tables
  }

  private hashOf(name: string): number {
    const hash = this.hash(name)
    return hash === empty || hash === deleted ? hash + 2 : hash
  }

  private add(name: string, id: number): void {
    if (this.tables === undefined) return
    const hash = this.hashOf(name)
    const slots = this.tables[hash >>> (32 - tableBits)]!
    // At most three quarters are taken, so that searches end soon.
    if (8 * (slots.taken + 1) > 3 * slots.pairs.length) arrange(slots)
    put(slots, hash, id)
  }

  private delete(name: string, id: number): void {
    if (this.tables === undefined || name === '') return
    const hash = this.hashOf(name)
    const slots = this.tables[hash >>> (32 - tableBits)]!
    const { pairs } = slots
    const last = pairs.length - 2
    let at = (2 * hash) & last
    while (pairs[at] !== hash || pairs[at + 1] !== id) at = (at + 2) & last
    pairs[at] = deleted
    slots.names--
  }
}

function put(slots: Slots, hash: number, id: number): void {
  const { pairs } = slots
  const last = pairs.length - 2
  let at = (2 * hash) & last
  while (pairs[at] !== empty) at = (at + 2) & last
  pairs[at] = hash
  pairs[at + 1] = id
  slots.names++
  slots.taken++
}

/** Leaves out what was deleted, in twice the room where names take more than three eighths. */
function arrange(slots: Slots): void {
  const { pairs, names } = slots
  slots.pairs = new Int32Array(16 * names > 3 * pairs.length ? 2 * pairs.length : pairs.length)
  slots.names = 0
  slots.taken = 0
  for (let at = 0; at < pairs.length; at += 2) {
    if (pairs[at] !== empty && pairs[at] !== deleted) put(slots, pairs[at]!, pairs[at + 1]!)
  }
}

/** 32 bits that depend on all characters and on the seed. */
function hashOf(name: string): number {
  let hash = seed ^ name.length
  for (let k = 0; k < name.length; k++) {
    hash = Math.imul(hash ^ name.charCodeAt(k), 0x0100_0193)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return hash ^ (hash >>> 16)
}
