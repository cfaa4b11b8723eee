// What every sink of dead letters must do. An adapter hands in how to open one and how to read back
// the letters at the destination.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeadLetterSink } from '../../src/ports/sinks.ts'
import { type DeadLetter, deadLetterReasons } from '../../src/types.ts'

export interface DeadLetterSinkUnderTest {
  readonly sink: DeadLetterSink
  /** Every letter at the destination, in order. */
  written(): Promise<readonly DeadLetter[]>
  clean(): Promise<void>
}

export type OpenDeadLetterSink = () => Promise<DeadLetterSinkUnderTest>

export function deadLetterSinkContract(name: string, open: OpenDeadLetterSink): void {
  test(`${name}: keeps reason, position, key and the original bytes`, () => keepsAll(open))
  test(`${name}: no letters are nothing written`, () => nothing(open))
}

function letter(offset: number, value: Uint8Array | null): DeadLetter {
  const reason = deadLetterReasons[offset % deadLetterReasons.length]!
  return {
    fault: { reason, detail: `expected better, got number ${offset}` },
    position: { stream: 'events/3', offset },
    key: offset % 3 === 0 ? `user ${offset}` : null,
    value,
  }
}

async function keepsAll(open: OpenDeadLetterSink): Promise<void> {
  const { sink, written, clean } = await open()
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const letters = [
    letter(0, Buffer.from('{"user":\n"half')),
    letter(1, everyByte),
    letter(2, new Uint8Array(0)),
    letter(3, null),
    ...deadLetterReasons.map((_, index) => letter(4 + index, Buffer.from(`line ${index}`))),
  ]
  await sink.write(letters.slice(0, 3))
  await sink.write(letters.slice(3))
  assert.deepEqual(comparable(await written()), comparable(letters))
  await sink.close()
  await clean()
}

async function nothing(open: OpenDeadLetterSink): Promise<void> {
  const { sink, written, clean } = await open()
  await sink.write([])
  assert.deepEqual(await written(), [])
  await sink.close()
  await clean()
}

function comparable(letters: readonly DeadLetter[]): unknown {
  return letters.map(({ fault, position, key, value }) => ({
    fault: { ...fault },
    position: { ...position },
    key,
    value: value === null ? null : Buffer.from(value).toString('hex'),
  }))
}
