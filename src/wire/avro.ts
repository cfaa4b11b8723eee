// Avro of our own schemas by way of avsc: what goes out and comes back is under our hand.

import { createRequire } from 'node:module'
import type { Type } from 'avsc'
import type { Fault } from '../types.ts'

type Avsc = typeof import('avsc')

let loaded: Avsc | undefined

/** Loaded with the first schema: a worker on files has none, and loading it takes a tenth of its start. */
export function avsc(): Avsc {
  loaded ??= createRequire(import.meta.url)('avsc') as Avsc
  return loaded
}

/** Reads one datum that starts at `start` and must end with the bytes. Throws; see datumFault. */
export type ReadDatum<T> = (bytes: Buffer, start: number) => T

export interface Codec<T> {
  encode(value: T): Buffer
  decode: ReadDatum<T>
}

/** Encoder and decoder of a schema of our own, which is parsed with the first datum. */
export function createCodec<T>(schema: string): Codec<T> {
  let parsed: Type | undefined
  const type = (): Type => {
    parsed ??= avsc().Type.forSchema(JSON.parse(schema))
    return parsed
  }
  return {
    encode: (value) => type().toBuffer(value),
    decode: (bytes, start) => readWhole<T>(type(), bytes, start),
  }
}

/** What an error thrown by a ReadDatum says of the datum. */
export function datumFault(error: unknown): Fault {
  const text = brief(error)
  if (text.includes('precision loss')) {
    return { reason: 'unsafe_long', detail: 'a long beyond 2^53 cannot be read exactly' }
  }
  return { reason: 'decode', detail: `expected one whole Avro datum: ${text}` }
}

/** @throws Error where the datum does not end with the bytes */
export function readWhole<T>(type: Type, bytes: Buffer, start: number): T {
  const { value, offset } = type.decode(bytes, start)
  if (offset === bytes.length) return value as T
  if (offset < 0) throw new Error(`it is cut short, ${bytes.length - start} bytes came`)
  throw new Error(`${bytes.length - offset} bytes too many follow it`)
}

/** The first line of a message, short: a schema is quoted in some of them. */
export function brief(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n')[0] ?? '').slice(0, 200)
}
