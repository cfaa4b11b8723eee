// The page that makes a directory a checkpoint: what wrote it, its facts, and length and sha-256 of
// every file. Pure: text in, text out. The last line seals all bytes before it, in every format to come,
// so that damage (refused) can be told from a newer or foreign writer (an error).

import { createHash } from 'node:crypto'
import { Failure } from '../../errors.ts'

export const program = 'neupr-worker'
/** 1: everything is in two files. 2: changes to an older generation. */
const formats = { whole: 1, changes: 2 } as const
export const manifestBytesMax = 64 * 1024 * 1024

export interface FileFacts {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export interface Manifest {
  readonly generation: number
  readonly files: readonly FileFacts[]
  readonly facts: Readonly<Record<string, unknown>>
  readonly changes?: ChangesFacts | undefined
}

/** A generation that another one is made of. */
export interface Link {
  readonly generation: number
  /** Of its manifest. */
  readonly seal: string
  readonly bytes: number
}

export interface ChangesFacts {
  /** What the changes are to, the oldest first: each is made of all before it. Empty: they are everything. */
  readonly chain: readonly Link[]
  /** Name and dtype of the tensors that pieces are of, in the order in which the pieces count them. */
  readonly put: readonly (readonly [name: string, dtype: string])[]
  readonly tensors: readonly (readonly [name: string, dtype: string, shape: readonly number[]])[]
  /** The length of each list of texts. */
  readonly texts: readonly (readonly [name: string, length: number])[]
}

const sealMark = ',\n  "seal": "'

/** The same manifest always gives the same text: there is no time and no host name in it. */
export function writeManifest({ generation, files, facts, changes }: Manifest): string {
  const format = changes === undefined ? formats.whole : formats.changes
  const content = { program, format, generation, files, ...(changes && { changes }), facts }
  // A page of changes names thousands of tensors: nobody reads them one a line.
  const body = JSON.stringify(content, null, changes === undefined ? 2 : 0)
  const sealed = body.slice(0, changes === undefined ? -'\n}'.length : -'}'.length)
  const text = `${sealed}${sealMark}${sha256(sealed)}"\n}\n`
  const bytes = Buffer.byteLength(text)
  if (bytes > manifestBytesMax) {
    throw new RangeError(`facts of ${bytes} bytes, expected at most ${manifestBytesMax}`)
  }
  return text
}

/** Throws an Error for damage, and CHECKPOINT_FOREIGN for a whole one that this program cannot read. */
export function readManifest(text: string, where: string): Manifest {
  const mark = text.lastIndexOf(sealMark)
  const whole = mark >= 0 && text.slice(mark) === `${sealMark}${sha256(text.slice(0, mark))}"\n}\n`
  const parsed = parse(text)
  // Two bits must flip at once to make our own damaged page look like a foreign one.
  if (whole || (mark < 0 && parsed.program !== program)) refuseForeign(parsed, where)
  if (!whole) throw new Error('its manifest is damaged: the seal does not fit')
  return manifestOf(parsed)
}

/** What tells a manifest from every other one. */
export function sealOf(text: string): string {
  const at = text.lastIndexOf(sealMark) + sealMark.length
  return text.slice(at, at + 64)
}

function refuseForeign(parsed: Record<string, unknown>, where: string): void {
  const wrote = { program: parsed.program, format: parsed.format }
  const known = Object.values(formats).some((format) => format === wrote.format)
  if (wrote.program === program && known) return
  const got = JSON.stringify(wrote).slice(0, 200)
  throw new Failure(
    'CHECKPOINT_FOREIGN',
    `${where}: expected program ${program} and format ${Object.values(formats).join(' or ')}, got ${got}; ` +
      'start the version that wrote it, or give another directory of checkpoints',
  )
}

function parse(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('its manifest is not an object')
  }
  return value as Record<string, unknown>
}

function manifestOf(parsed: Record<string, unknown>): Manifest {
  const { generation, files, facts } = parsed
  if (typeof generation !== 'number' || typeof facts !== 'object' || facts === null) {
    throw new Error('its manifest lacks a generation or facts')
  }
  if (!Array.isArray(files) || !files.every(isFileFacts)) {
    throw new Error('its manifest does not list its files')
  }
  const changes = parsed.format === formats.changes ? changesOf(parsed.changes) : undefined
  return { generation, files, facts: facts as Record<string, unknown>, changes }
}

/** The seal says that this program wrote it; the forms are checked all the same, as those of a header are. */
function changesOf(value: unknown): ChangesFacts {
  const { chain, put, tensors, texts } = (value ?? {}) as Record<string, unknown>
  const isWhole =
    areAll(chain, ({ generation, seal, bytes }: Partial<Link>) => {
      return isCount(generation) && typeof seal === 'string' && isCount(bytes)
    }) &&
    areAll(put, ([name, dtype]: unknown[]) => isText(name) && isText(dtype)) &&
    areAll(tensors, ([name, dtype, shape]: unknown[]) => {
      return isText(name) && isText(dtype) && areAll(shape, isCount)
    }) &&
    areAll(texts, ([name, length]: unknown[]) => isText(name) && isCount(length))
  if (!isWhole) throw new Error('its manifest does not say what its changes are to')
  return value as ChangesFacts
}

function areAll<T>(value: unknown, is: (one: T) => boolean): boolean {
  return (
    Array.isArray(value) && value.every((one) => one !== null && one !== undefined && is(one as T))
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isFileFacts(value: unknown): value is FileFacts {
  if (typeof value !== 'object' || value === null) return false
  const { name, bytes, sha256: sum } = value as Record<string, unknown>
  return typeof name === 'string' && Number.isSafeInteger(bytes) && typeof sum === 'string'
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
