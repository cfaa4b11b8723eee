// What every sink of lists must do. An adapter hands in how to open one and how to read back what is
// at the destination.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListSink } from '../../src/ports/sinks.ts'
import type { OutRecord } from '../../src/types.ts'

export interface ListSinkUnderTest {
  readonly sink: ListSink
  /** Everything at the destination, in order. */
  written(): Promise<readonly OutRecord[]>
  /** A sink to the same destination, after this one was closed. */
  reopen(): Promise<ListSink>
  clean(): Promise<void>
}

export type OpenListSink = () => Promise<ListSinkUnderTest>

export function listSinkContract(name: string, open: OpenListSink): void {
  test(`${name}: what was written is there, in order, when write has resolved`, () => inOrder(open))
  test(`${name}: a forgotten user stays a null`, () => forgotten(open))
  test(`${name}: nothing to write is nothing written`, () => nothing(open))
  test(`${name}: a new sink adds to what is there`, () => adds(open))
}

function record(user: string, version: number): OutRecord {
  return { key: user, value: Buffer.from(JSON.stringify({ user, modelVersion: version })) }
}

function plain(records: readonly OutRecord[]): readonly (readonly [string, string | null])[] {
  return records.map(({ key, value }) => [
    key,
    value === null ? null : Buffer.from(value).toString('utf8'),
  ])
}

async function inOrder(open: OpenListSink): Promise<void> {
  const { sink, written, clean } = await open()
  const first = Array.from({ length: 2_000 }, (_, index) => record(`user-${index}`, 1))
  const second = [record('user-3', 2), record('Straße :: {"}', 2), record('user-3', 3)]
  await sink.write(first)
  assert.deepEqual(plain(await written()), plain(first))
  await sink.write(second)
  assert.deepEqual(plain(await written()), plain([...first, ...second]))
  await sink.close()
  await clean()
}

async function forgotten(open: OpenListSink): Promise<void> {
  const { sink, written, clean } = await open()
  const records = [record('a', 1), { key: 'b"', value: null }, record('c', 1)]
  await sink.write(records)
  assert.deepEqual(plain(await written()), plain(records))
  await sink.close()
  await clean()
}

async function nothing(open: OpenListSink): Promise<void> {
  const { sink, written, clean } = await open()
  await sink.write([])
  assert.deepEqual(await written(), [])
  await sink.close()
  await clean()
}

async function adds(open: OpenListSink): Promise<void> {
  const { sink, reopen, written, clean } = await open()
  await sink.write([record('a', 1)])
  await sink.close()
  const again = await reopen()
  await again.write([record('a', 2)])
  assert.deepEqual(plain(await written()), plain([record('a', 1), record('a', 2)]))
  await again.close()
  await clean()
}
