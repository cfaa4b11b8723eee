// What has to hold of a simulated group at its end.

import assert from 'node:assert/strict'
import type { Checkpoint } from '../../src/ports/checkpoint-store.ts'
import type { UpdateRecord } from '../../src/updates/record.ts'
import type { SimulatedModel } from './model.ts'
import type { Reference } from './reference.ts'
import type { SimulatedWorker, Streams } from './worker.ts'

/** A row of a fresh model. */
export function beginOf(
  { tables }: SimulatedModel,
  table: string,
  row: string,
  width: number,
): Float32Array {
  const found = tables.find(({ name }) => name === table)!
  const fixed = /^row (\d+)$/.exec(row)
  const at = fixed === null ? 0 : Number(fixed[1])
  if (fixed !== null) {
    const values = found
      .pieces()
      .flatMap(({ values, width }) => [...values.subarray(at * width, (at + 1) * width)])
    return Float32Array.from(values)
  }
  const own = found.shift!
  found.begin([row], own)
  const values = found.pieces().flatMap(({ values, width }) => {
    return [...values.subarray(own * width, (own + 1) * width)]
  })
  assert.equal(values.length, width)
  return Float32Array.from(values)
}

/** A record counts the events that it says it has learned. */
export function checkEvents(
  { author, learned, names, events }: UpdateRecord,
  streams: Streams,
): void {
  const said = learned.flatMap(({ stream, from, to }) => {
    return streams
      .get(stream)!
      .slice(from, to)
      .map(({ item }) => item)
  })
  const counted = Array.from(events.items, (place) => names[place]!)
  assert.deepEqual(counted.sort(), said.sort(), `${author} has learned other events than it says`)
}

/** Each event once, in order, and all of them. */
export function checkLearned(stream: string, events: number, { learned }: Reference): void {
  let position = 0
  for (const [from, to] of learned.get(stream) ?? []) {
    assert.equal(from, position, `${stream}: ${position} … are learned twice or never`)
    position = to
  }
  assert.equal(position, events, `${stream} was not learned to its end`)
}

/** The base that a checkpoint holds, of every row that the log has named. */
export function baseOf({ tensors, texts }: Checkpoint, named: ReadonlySet<string>): string {
  const items = texts.get('items')!
  const lines: string[] = []
  for (const [name, { shape, data }] of tensors) {
    const table = /^updates\/(.+)$/.exec(name)?.[1]
    if (table === undefined) continue
    const isOfItems = /\/(items|sources)$/.test(table)
    const [rows, width] = [shape[0]!, shape[1]!]
    const shift = isOfItems ? rows - items.length : rows
    for (let row = 0; row < rows; row++) {
      const of = row < shift ? `row ${row}` : items.at(row - shift)!
      if (row >= shift && !named.has(of)) continue
      const values = data.slice(row * width, (row + 1) * width)
      lines.push(`${table} ${of}: ${Buffer.from(values.buffer).toString('hex')}`)
    }
  }
  return lines.sort().join('\n')
}

export function checkBase(worker: SimulatedWorker, { rows }: Reference): void {
  for (const line of worker.base().split('\n')) {
    const [, key, hex] = /^(.+): ([0-9a-f]*)$/.exec(line)!
    const expected = rows.get(key!)
    if (expected === undefined) continue
    assert.equal(hex, Buffer.from(expected.buffer).toString('hex'), `${worker.author}: ${key}`)
  }
}
