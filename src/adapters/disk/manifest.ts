// The page that makes a directory a checkpoint: what wrote it, its facts, and length and sha-256 of
// every file. Pure: text in, text out. The last line seals all bytes before it, in every format to come,
// so that damage (refused) can be told from a newer or foreign writer (an error).

import { createHash } from 'node:crypto'
import { Failure } from '../../errors.ts'

export const program = 'neupr-worker'
export const format = 1
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
}

const sealMark = ',\n  "seal": "'

/** The same manifest always gives the same text: there is no time and no host name in it. */
export function writeManifest({ generation, files, facts }: Manifest): string {
  const body = JSON.stringify({ program, format, generation, files, facts }, null, 2)
  const sealed = body.slice(0, -'\n}'.length)
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

function refuseForeign(parsed: Record<string, unknown>, where: string): void {
  const wrote = { program: parsed.program, format: parsed.format }
  if (wrote.program === program && wrote.format === format) return
  const got = JSON.stringify(wrote).slice(0, 200)
  throw new Failure(
    'CHECKPOINT_FOREIGN',
    `${where}: expected program ${program} and format ${format}, got ${got}; ` +
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
  return { generation, files, facts: facts as Record<string, unknown> }
}

function isFileFacts(value: unknown): value is FileFacts {
  if (typeof value !== 'object' || value === null) return false
  const { name, bytes, sha256: sum } = value as Record<string, unknown>
  return typeof name === 'string' && Number.isSafeInteger(bytes) && typeof sum === 'string'
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
