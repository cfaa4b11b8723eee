// Lists of strings as tensors: the UTF-8 of all of them end to end, and the length of each.
// A list with a lone surrogate, which UTF-8 cannot say, is kept in UTF-16 instead: nothing is lost.

import { isUtf8 } from 'node:buffer'
import type { Tensor } from '../../ports/checkpoint-store.ts'

const lengthsOf = (name: string): string => `${name}/lengths`
const encodings = { utf8: 'utf8', utf16: 'utf16le' } as const

/** Two tensors per list: `name/lengths` (count), in bytes, and `name/utf8` or `name/utf16` (bytes). */
export function textsToTensors(texts: ReadonlyMap<string, readonly string[]>): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  for (const [name, list] of texts) {
    const kind = list.some(hasLoneSurrogate) ? 'utf16' : 'utf8'
    const encoding = encodings[kind]
    const lengths = new Uint32Array(list.length)
    let total = 0
    list.forEach((text, at) => {
      const bytes = Buffer.byteLength(text, encoding)
      lengths[at] = bytes
      total += bytes
    })
    const blob = Buffer.alloc(total)
    let end = 0
    for (const text of list) end += blob.write(text, end, encoding)
    tensors.set(lengthsOf(name), { shape: [list.length], data: lengths })
    tensors.set(`${name}/${kind}`, { shape: [total], data: blob })
  }
  return tensors
}

/** The lists again. Throws where lengths and bytes do not belong together or the bytes are not text. */
export function tensorsToTexts(tensors: ReadonlyMap<string, Tensor>): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  for (const [key, { data: blob }] of tensors) {
    const [, name, kind] = /^(.+)\/(utf8|utf16)$/s.exec(key) ?? []
    if (name === undefined || kind === undefined) continue
    const lengths = tensors.get(lengthsOf(name))?.data
    if (!(blob instanceof Uint8Array) || !(lengths instanceof Uint32Array) || texts.has(name)) {
      throw new Error(`texts ${name} are not a list of lengths and bytes`)
    }
    texts.set(name, decode(name, blob, lengths, kind as keyof typeof encodings))
  }
  if (tensors.size !== 2 * texts.size) throw new Error('there are tensors among the texts')
  return texts
}

function decode(
  name: string,
  bytes: Uint8Array,
  lengths: Uint32Array,
  kind: keyof typeof encodings,
): string[] {
  let total = 0
  for (const length of lengths) total += length
  if (total !== bytes.length) {
    throw new Error(`texts ${name} hold ${bytes.length} bytes, their lengths say ${total}`)
  }
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (kind === 'utf8' && !isUtf8(blob)) throw new Error(`texts ${name} are not UTF-8`)
  const list = new Array<string>(lengths.length)
  let begin = 0
  for (let at = 0; at < lengths.length; at++) {
    const end = begin + lengths[at]!
    const torn = kind === 'utf8' ? end > begin && (blob[begin]! & 0xc0) === 0x80 : (end & 1) === 1
    if (torn) throw new Error(`text ${at} of ${name} ends inside a character`)
    list[at] = blob.toString(encodings[kind], begin, end)
    begin = end
  }
  return list
}

function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text)
}
