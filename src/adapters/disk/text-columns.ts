// Lists of texts as tensors: the UTF-8 of all of them end to end, and the length of each. What was read stays bytes, in
// memory that other threads can be given.
// A list with a lone surrogate, which UTF-8 cannot say, is kept in UTF-16 instead: nothing is lost.

import { isUtf8 } from 'node:buffer'
import type { Tensor, Texts } from '../../ports/checkpoint-store.ts'

const lengthsOf = (name: string): string => `${name}/lengths`
const encodings = { utf8: 'utf8', utf16: 'utf16le' } as const
export type TextKind = keyof typeof encodings

/** Two tensors per list: `name/lengths` (count), in bytes, and `name/utf8` or `name/utf16` (bytes). */
export function textsToTensors(texts: ReadonlyMap<string, Texts>): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  for (const [name, list] of texts) {
    const { kind, bytes, lengths } = encode(list, kindOf(list))
    tensors.set(lengthsOf(name), { shape: [lengths.length], data: lengths })
    tensors.set(`${name}/${kind}`, { shape: [bytes.length], data: bytes })
  }
  return tensors
}

/** The lists again. Throws where lengths and bytes do not belong together or the bytes are not text. */
export function tensorsToTexts(tensors: ReadonlyMap<string, Tensor>): Map<string, TextColumn> {
  const texts = new Map<string, TextColumn>()
  for (const [key, { data: bytes }] of tensors) {
    const [, name, kind] = /^(.+)\/(utf8|utf16)$/s.exec(key) ?? []
    if (name === undefined || kind === undefined) continue
    const lengths = tensors.get(lengthsOf(name))?.data
    if (!(bytes instanceof Uint8Array) || !(lengths instanceof Uint32Array) || texts.has(name)) {
      throw new Error(`texts ${name} are not a list of lengths and bytes`)
    }
    const column = { kind: kind as TextKind, bytes, lengths }
    check(name, column)
    texts.set(name, new TextColumn(column))
  }
  if (tensors.size !== 2 * texts.size) throw new Error('there are tensors among the texts')
  return texts
}

/** Plain data. */
export interface TextBytes {
  readonly kind: TextKind
  /** Of all texts, end to end. */
  readonly bytes: Uint8Array
  /** Of each text, in bytes. */
  readonly lengths: Uint32Array
}

/** The beginning of every text of this number is known; those in between are counted on from it. */
const stride = 64

/** Texts where their bytes lie. */
export class TextColumn implements TextBytes, Texts {
  readonly kind: TextKind
  readonly bytes: Buffer
  readonly lengths: Uint32Array
  /** Where texts 0, `stride`, 2 · `stride`, … begin. */
  private readonly starts: Float64Array

  constructor({ kind, bytes, lengths }: TextBytes) {
    this.kind = kind
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.lengths = lengths
    this.starts = new Float64Array(Math.floor(lengths.length / stride) + 1)
    let end = 0
    for (let place = 0; place < lengths.length; place++) {
      if (place % stride === 0) this.starts[place / stride] = end
      end += lengths[place]!
    }
    if (lengths.length % stride === 0) this.starts[lengths.length / stride] = end
  }

  get length(): number {
    return this.lengths.length
  }

  at(place: number): string | undefined {
    if (!(place >= 0 && place < this.length)) return undefined
    const begin = this.beginOf(place)
    return this.text(begin, begin + this.lengths[place]!)
  }

  slice(from = 0, to = this.length): string[] {
    return [...this.texts(from, Math.min(to, this.length))]
  }

  [Symbol.iterator](): Iterator<string> {
    return this.texts(0, this.length)
  }

  /** Where the bytes of a text begin; those of the last one end where one more would begin. */
  beginOf(place: number): number {
    let begin = this.starts[Math.floor(place / stride)]!
    for (let k = place - (place % stride); k < place; k++) begin += this.lengths[k]!
    return begin
  }

  private *texts(from: number, to: number): Generator<string, void, undefined> {
    if (from >= to) return
    let begin = this.beginOf(from)
    for (let place = from; place < to; place++) {
      const end = begin + this.lengths[place]!
      yield this.text(begin, end)
      begin = end
    }
  }

  private text(begin: number, end: number): string {
    return this.bytes.toString(encodings[this.kind], begin, end)
  }
}

/** The same after another thread was given it, which takes what it is made of and leaves what it can do. */
export function reviveTexts(texts: ReadonlyMap<string, Texts>): void {
  for (const [name, of] of texts) {
    if (Array.isArray(of) || of instanceof TextColumn) continue
    ;(texts as Map<string, Texts>).set(name, new TextColumn(of as unknown as TextBytes))
  }
}

export function encode(list: Texts, kind: TextKind): TextBytes {
  const encoding = encodings[kind]
  const lengths = new Uint32Array(list.length)
  let total = 0
  let place = 0
  for (const text of list) {
    const bytes = Buffer.byteLength(text, encoding)
    lengths[place++] = bytes
    total += bytes
  }
  const bytes = Buffer.alloc(total)
  let end = 0
  for (const text of list) end += bytes.write(text, end, encoding)
  return { kind, bytes, lengths }
}

function kindOf(list: Texts): TextKind {
  for (const text of list) if (hasLoneSurrogate(text)) return 'utf16'
  return 'utf8'
}

function check(name: string, { kind, bytes, lengths }: TextBytes): void {
  let total = 0
  for (const length of lengths) total += length
  if (total !== bytes.length) {
    throw new Error(`texts ${name} hold ${bytes.length} bytes, their lengths say ${total}`)
  }
  if (kind === 'utf8' && !isUtf8(bytes)) throw new Error(`texts ${name} are not UTF-8`)
  let begin = 0
  for (let at = 0; at < lengths.length; at++) {
    const length = lengths[at]!
    const torn = kind === 'utf8' ? length > 0 && (bytes[begin]! & 0xc0) === 0x80 : length % 2 === 1
    if (torn) throw new Error(`text ${at} of ${name} ends inside a character`)
    begin += length
  }
}

function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text)
}
