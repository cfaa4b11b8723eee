// Names by number, as bytes outside of the heap of JavaScript: as strings a million names would be a million objects,
// which every full garbage collection has to look at. A name is written once and never over another, so that a view of
// the names of one moment stays as it was; where names that are no longer used take more room than all others, the
// chunk that has most of them is given up and the rest of it is written again.

import type { Texts } from '../ports/checkpoint-store.ts'

/** Words of 4 bytes. */
const chunkShift = 16
const chunkWords = 2 ** chunkShift
/** Before its characters a name has its number and its bytes, times 2, plus 1 where a character takes two of them. */
const headerWords = 2
/** Numbers of a page of places. */
const pageShift = 12
const pageLength = 2 ** pageShift
const chunksMax = 2 ** (32 - chunkShift)

interface Chunk {
  readonly bytes: Buffer
  /** The same memory. */
  readonly words: Uint32Array
  /** Words that are written. The first one is none of a name's: place 0 is no place. */
  used: number
  /** Words of names that are still used. */
  live: number
}

export class NameList implements Texts {
  private count = 0
  /** Where the name of each number is, as chunk and word in it; 0: it stands for nobody. */
  private readonly pages: Uint32Array[] = []
  /** Never changed in place: views of earlier moments may hold it. */
  private chunks: readonly (Chunk | undefined)[] = []
  /** The chunk that is being filled. */
  private current = -1
  /** Places in `chunks` without a chunk. */
  private readonly vacant: number[] = []
  /** Words of all names that are used, and words that are neither that nor still to be filled. */
  private live = 0
  private gaps = 0
  private allWords = 0

  /** Numbers given so far, also those that stand for nobody now. */
  get length(): number {
    return this.count
  }

  get bytes(): number {
    return 4 * (this.allWords + pageLength * this.pages.length)
  }

  /** '': nobody. */
  name(id: number): string {
    return id < this.count ? textAt(this.chunks, this.placeOf(id)) : ''
  }

  at(id: number): string | undefined {
    return id < this.count ? this.name(id) : undefined
  }

  *[Symbol.iterator](): Generator<string, void, undefined> {
    for (let id = 0; id < this.count; id++) yield this.name(id)
  }

  is(id: number, name: string): boolean {
    const place = id < this.count ? this.placeOf(id) : 0
    if (place === 0) return name === ''
    const { bytes, words } = this.chunks[place >>> chunkShift]!
    const at = place & (chunkWords - 1)
    const length = words[at + 1]!
    const from = 4 * (at + headerWords)
    const isWide = (length & 1) === 1
    if (length >>> 1 !== name.length << (length & 1)) return false
    for (let k = 0; k < name.length; k++) {
      const code = isWide ? bytes[from + 2 * k]! | (bytes[from + 2 * k + 1]! << 8) : bytes[from + k]
      if (code !== name.charCodeAt(k)) return false
    }
    return true
  }

  /** Gives the name the next number. */
  push(name: string): number {
    const id = this.count++
    if (id >>> pageShift >= this.pages.length) this.pages.push(new Uint32Array(pageLength))
    if (name !== '') this.setPlace(id, this.write(id, name))
    return id
  }

  /** From now on the number stands for this name; '': for nobody. */
  rename(id: number, name: string): void {
    const before = this.placeOf(id)
    this.setPlace(id, name === '' ? 0 : this.write(id, name))
    if (before === 0) return
    const chunk = this.chunks[before >>> chunkShift]!
    const words = wordsAt(chunk, before & (chunkWords - 1))
    chunk.live -= words
    this.live -= words
    this.gaps += words
    while (this.gaps > this.live + chunkWords) this.giveUpChunk()
  }

  slice(from = 0, to = this.count): string[] {
    const names = new Array<string>(Math.max(0, to - from))
    for (let k = 0; k < names.length; k++) names[k] = this.name(from + k)
    return names
  }

  /** Names from … to-1 as they are now, whatever becomes of them. */
  frozen(from: number, to: number): Pick<Texts, 'length' | 'slice'> {
    const { chunks } = this
    const places = new Uint32Array(to - from)
    for (let id = from; id < to; ) {
      const end = Math.min(to, (id | (pageLength - 1)) + 1)
      const first = id & (pageLength - 1)
      places.set(this.pages[id >>> pageShift]!.subarray(first, first + end - id), id - from)
      id = end
    }
    return {
      length: places.length,
      slice: (from, to) => Array.from(places.subarray(from, to), (place) => textAt(chunks, place)),
    }
  }

  private placeOf(id: number): number {
    return this.pages[id >>> pageShift]![id & (pageLength - 1)]!
  }

  private setPlace(id: number, place: number): void {
    this.pages[id >>> pageShift]![id & (pageLength - 1)] = place
  }

  /** Returns the place. */
  private write(id: number, name: string): number {
    const isWide = hasWide(name)
    const bytes = isWide ? 2 * name.length : name.length
    const place = this.take(headerWords + Math.ceil(bytes / 4))
    const chunk = this.chunks[place >>> chunkShift]!
    const at = place & (chunkWords - 1)
    chunk.words[at] = id
    chunk.words[at + 1] = 2 * bytes + (isWide ? 1 : 0)
    chunk.bytes.write(name, 4 * (at + headerWords), isWide ? 'utf16le' : 'latin1')
    return place
  }

  /** The place of so many words that are free. */
  private take(words: number): number {
    let chunk = this.chunks[this.current]
    if (chunk === undefined || chunk.used + words > chunk.words.length) {
      if (chunk !== undefined) this.gaps += chunk.words.length - chunk.used
      chunk = this.openChunk(Math.max(chunkWords, 1 + words))
    }
    const at = chunk.used
    chunk.used += words
    chunk.live += words
    this.live += words
    return this.current * chunkWords + at
  }

  private openChunk(length: number): Chunk {
    const index = this.vacant.pop() ?? this.chunks.length
    if (index >= chunksMax) throw new RangeError(`names take more than ${4 * 2 ** 32} bytes`)
    const words = new Uint32Array(length)
    const chunk = { bytes: Buffer.from(words.buffer), words, used: 1, live: 0 }
    const chunks = this.chunks.slice()
    chunks[index] = chunk
    this.chunks = chunks
    this.current = index
    this.allWords += length
    this.gaps++
    return chunk
  }

  /** The one with the largest share of gaps: what is left in it is written again. */
  private giveUpChunk(): void {
    const gapsIn = ({ used, live, words }: Chunk, index: number) =>
      (index === this.current ? used : words.length) - live
    let [most, index] = [0, -1]
    this.chunks.forEach((chunk, k) => {
      const share = chunk === undefined ? 0 : gapsIn(chunk, k) / chunk.words.length
      if (share > most) [most, index] = [share, k]
    })
    const chunk = this.chunks[index]!
    const { words, used, live } = chunk
    this.gaps -= gapsIn(chunk, index)
    this.live -= live
    this.allWords -= words.length
    if (index === this.current) this.current = -1
    for (let at = 1; at < used; at += wordsAt(chunk, at)) {
      const id = words[at]!
      if (this.placeOf(id) !== index * chunkWords + at) continue
      const length = wordsAt(chunk, at)
      const place = this.take(length)
      const { words: into } = this.chunks[place >>> chunkShift]!
      into.set(words.subarray(at, at + length), place & (chunkWords - 1))
      this.setPlace(id, place)
    }
    this.chunks = this.chunks.with(index, undefined)
    this.vacant.push(index)
  }
}

function wordsAt({ words }: Pick<Chunk, 'words'>, at: number): number {
  return headerWords + Math.ceil((words[at + 1]! >>> 1) / 4)
}

function textAt(chunks: readonly (Chunk | undefined)[], place: number): string {
  if (place === 0) return ''
  const { bytes, words } = chunks[place >>> chunkShift]!
  const at = place & (chunkWords - 1)
  const length = words[at + 1]!
  const from = 4 * (at + headerWords)
  return bytes.toString((length & 1) === 1 ? 'utf16le' : 'latin1', from, from + (length >>> 1))
}

function hasWide(name: string): boolean {
  for (let k = 0; k < name.length; k++) if (name.charCodeAt(k) > 0xff) return true
  return false
}
