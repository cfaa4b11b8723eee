// Names by number and numbers by name, however many there are: a Map of V8 has at most 2²⁴ places and holds every name
// as an object. The names of a bucket are linked by their numbers. For each name that comes one bucket is divided into
// two, by one bit more of the hash (linear hashing, Litwin 1980): no name waits until all are arranged anew, and there
// is no table that is outgrown and leaves a gap in memory.

import { randomInt } from 'node:crypto'
import { longer } from '../arrays.ts'
import { NameList } from './name-list.ts'

/** A link is 0 or the number of a name, counted from 1, under the first bits of the hash. */
const idBits = 27
const idMask = 2 ** idBits - 1
/** Names that can be found. */
const namesMax = idMask
const bucketsMin = 256
/** No result depends on it: nobody from outside can choose names that all have one hash. */
const seed = randomInt(2 ** 32)

/** No name has two numbers. */
export class NameTable extends NameList {
  private readonly hashOf: (name: string) => number
  /** By bucket the link to its first name, and by number the link to the next one of its bucket. */
  private heads: Int32Array = new Int32Array(0)
  private links: Int32Array = new Int32Array(0)
  /** As many as there have been names at once; none before a name is first looked for. */
  private buckets = 0
  /** The largest power of two that is not above `buckets`. */
  private half = 0
  /** Names that are in buckets. */
  private linked = 0

  constructor(hash = hashOf) {
    super()
    this.hashOf = hash
  }

  override get bytes(): number {
    return super.bytes + this.heads.byteLength + this.links.byteLength
  }

  /** The number of a name; undefined: it has none. */
  find(name: string): number | undefined {
    this.prepare()
    const hash = this.hashOf(name)
    const tag = hash >>> idBits
    for (let link = this.heads[this.bucketOf(hash)]!; link !== 0; link = this.linkAfter(link)) {
      if (link >>> idBits === tag && this.is(idOf(link), name)) return idOf(link)
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
  prepare(): void {
    if (this.buckets > 0) return
    this.heads = new Int32Array(bucketsMin)
    this.buckets = this.half = bucketsMin
    for (let id = 0; id < this.length; id++) {
      const name = this.name(id)
      if (name !== '') this.add(name, id)
    }
  }

  /** Buckets that have not been divided since their number was last a power of two are found by one bit less. */
  private bucketOf(hash: number): number {
    const bucket = hash & (2 * this.half - 1)
    return bucket < this.buckets ? bucket : bucket - this.half
  }

  private linkAfter(link: number): number {
    return this.links[idOf(link)]!
  }

  private add(name: string, id: number): void {
    if (this.buckets === 0) return
    if (id >= namesMax) throw new RangeError(`more than ${namesMax} names`)
    if (id >= this.links.length) this.links = longer(this.links, roomFor(id + 1))
    if (this.linked === this.buckets) this.divide()
    this.linked++
    this.put(this.hashOf(name), id)
  }

  private put(hash: number, id: number): void {
    const bucket = this.bucketOf(hash)
    this.links[id] = this.heads[bucket]!
    this.heads[bucket] = ((hash >>> idBits) << idBits) | (id + 1)
  }

  private delete(name: string, id: number): void {
    if (this.buckets === 0 || name === '') return
    const bucket = this.bucketOf(this.hashOf(name))
    const own = this.heads[bucket]!
    this.linked--
    if (idOf(own) === id) {
      this.heads[bucket] = this.links[id]!
      return
    }
    let before = own
    while (idOf(this.linkAfter(before)) !== id) before = this.linkAfter(before)
    this.links[idOf(before)] = this.links[id]!
  }

  /** One bucket more: it takes over half of the names of another. */
  private divide(): void {
    if (this.buckets === 2 * this.half) this.half = this.buckets
    const divided = this.buckets - this.half
    if (this.buckets >= this.heads.length) {
      this.heads = longer(this.heads, roomFor(this.buckets + 1))
    }
    this.buckets++
    let link = this.heads[divided]!
    this.heads[divided] = 0
    while (link !== 0) {
      const id = idOf(link)
      link = this.linkAfter(link)
      this.put(this.hashOf(this.name(id)), id)
    }
  }
}

function idOf(link: number): number {
  return (link & idMask) - 1
}

/** Large arrays grow where they lie, so an eighth more at a time is enough. */
function roomFor(length: number): number {
  return length + (length >>> 3) + 64
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
