// What has to hold of a simulated group at its end.

import assert from 'node:assert/strict'
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

export function checkBase(worker: SimulatedWorker, { rows }: Reference): void {
  for (const line of worker.base().split('\n')) {
    const [, key, hex] = /^(.+): ([0-9a-f]*)$/.exec(line)!
    const expected = rows.get(key!)
    if (expected === undefined) continue
    assert.equal(hex, Buffer.from(expected.buffer).toString('hex'), `${worker.author}: ${key}`)
  }
}
