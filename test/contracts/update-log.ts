// What every update log must do. An adapter hands in how to open one more reader and writer of the same new log.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import type { LoggedRecord, UpdateLog } from '../../src/ports/update-log.ts'

export interface UpdateLogUnderTest {
  /** Another worker's end of the same log. */
  another(): Promise<UpdateLog>
  /** Deletes records before the offset, as retention does. */
  deleteBefore(offset: number): Promise<void>
  clean(): Promise<void>
}

export type OpenUpdateLog = () => Promise<UpdateLogUnderTest>

export function updateLogContract(name: string, open: OpenUpdateLog): void {
  test(`${name}: an empty log begins and ends at 0`, () => empty(open))
  test(`${name}: every worker reads the records of all in one order`, () => oneOrder(open))
  test(`${name}: it is read from an offset on, and what comes later comes, too`, () => goesOn(open))
  test(`${name}: a large record comes back as it was`, () => large(open))
  test(`${name}: what was deleted is not read in silence`, () => deleted(open))
  test(`${name}: an offset behind the end is refused`, () => behindTheEnd(open))
}

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = ({ value }: LoggedRecord): string => Buffer.from(value).toString()

/** Reads until `count` records have come; failures that may pass are waited out, as the worker does. */
export async function readSome(
  log: UpdateLog,
  from: number,
  count: number,
): Promise<LoggedRecord[]> {
  const found: LoggedRecord[] = []
  const stop = new AbortController()
  while (found.length < count) {
    try {
      for await (const { records, end } of log.read(from + found.length, stop.signal)) {
        found.push(...records)
        assert.ok(end > found.at(-1)!.offset)
        if (found.length >= count) break
      }
    } catch (cause) {
      if (!(cause instanceof Failure) || cause.fate !== 'retry') throw cause
    }
  }
  stop.abort()
  return found
}

async function empty(open: OpenUpdateLog): Promise<void> {
  const { another, clean } = await open()
  const log = await another()
  assert.deepEqual(await log.bounds(), { begin: 0, end: 0 })
  await log.close()
  await clean()
}

async function oneOrder(open: OpenUpdateLog): Promise<void> {
  const { another, clean } = await open()
  const [a, b] = [await another(), await another()]
  const write = async (log: UpdateLog, author: string): Promise<number[]> => {
    const offsets: number[] = []
    for (let k = 0; k < 20; k++) offsets.push(await log.append(bytes(`${author}${k}`)))
    return offsets
  }
  const [offsetsA, offsetsB] = await Promise.all([write(a, 'a'), write(b, 'b')])
  assert.deepEqual(await a.bounds(), { begin: 0, end: 40 })
  const [seenByA, seenByB] = await Promise.all([readSome(a, 0, 40), readSome(b, 0, 40)])
  assert.deepEqual(seenByA.map(text), seenByB.map(text))
  assert.deepEqual(
    seenByA.map(({ offset }) => offset),
    Array.from({ length: 40 }, (_, k) => k),
  )
  offsetsA.forEach((offset, k) => {
    assert.equal(text(seenByA[offset]!), `a${k}`)
  })
  offsetsB.forEach((offset, k) => {
    assert.equal(text(seenByA[offset]!), `b${k}`)
  })
  await Promise.all([a.close(), b.close()])
  await clean()
}

async function goesOn(open: OpenUpdateLog): Promise<void> {
  const { another, clean } = await open()
  const [writer, reader] = [await another(), await another()]
  for (let k = 0; k < 5; k++) await writer.append(bytes(String(k)))
  const reading = readSome(reader, 3, 4)
  await writer.append(bytes('5'))
  await writer.append(bytes('6'))
  const found = await reading
  assert.deepEqual(
    found.map((one) => [one.offset, text(one)]),
    [3, 4, 5, 6].map((k) => [k, String(k)]),
  )
  await Promise.all([writer.close(), reader.close()])
  await clean()
}

async function large(open: OpenUpdateLog): Promise<void> {
  const { another, clean } = await open()
  const log = await another()
  // Does not compress.
  const value = new Uint8Array(3 << 20)
  let state = 1
  for (let k = 0; k < value.length; k++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    value[k] = state >>> 24
  }
  await log.append(bytes('before'))
  await log.append(value)
  const [, found] = await readSome(log, 0, 2)
  assert.ok(Buffer.from(found!.value).equals(Buffer.from(value)))
  await log.close()
  await clean()
}

async function deleted(open: OpenUpdateLog): Promise<void> {
  const { another, deleteBefore, clean } = await open()
  const log = await another()
  for (let k = 0; k < 6; k++) await log.append(bytes(String(k)))
  await deleteBefore(4)
  assert.deepEqual(await log.bounds(), { begin: 4, end: 6 })
  await assert.rejects(
    readSome(log, 3, 1),
    (error) => error instanceof Failure && error.code === 'RECORDS_EXPIRED',
  )
  const found = await readSome(log, 4, 2)
  assert.deepEqual(found.map(text), ['4', '5'])
  await log.close()
  await clean()
}

async function behindTheEnd(open: OpenUpdateLog): Promise<void> {
  const { another, clean } = await open()
  const log = await another()
  await log.append(bytes('0'))
  await assert.rejects(
    readSome(log, 2, 1),
    (error) => error instanceof Failure && error.code === 'TOPIC_RECREATED',
  )
  await log.close()
  await clean()
}
