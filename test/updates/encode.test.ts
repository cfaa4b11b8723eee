// Records of the update log survive the way to bytes and back; other bytes are refused, never half read.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeUpdate, encodeUpdate } from '../../src/updates/encode.ts'
import type { UpdateRecord } from '../../src/updates/record.ts'
import { roundRows } from '../../src/updates/rounding.ts'

const names = fc.uniqueArray(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 20 })

const plain = { noNullPrototype: true } as const

const record: fc.Arbitrary<UpdateRecord> = names.chain((known) => {
  const place = fc.nat(known.length - 1)
  const moved = fc.record(
    {
      table: fc.string(),
      width: fc.integer({ min: 1, max: 5 }),
      rows: fc.array(fc.integer({ min: -9, max: known.length - 1 }), {
        minLength: 1,
        maxLength: 9,
      }),
      isRounded: fc.boolean(),
      seed: fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-3), max: 3 }),
    },
    plain,
  )
  const weight = fc.float({ noNaN: true, min: Math.fround(0.01), max: 1 })
  const event = fc.record(
    { item: place, history: fc.array(place, { maxLength: 6 }), weight },
    plain,
  )
  return fc
    .record(
      {
        author: fc.string(),
        sequence: fc.nat(),
        learned: fc.array(fc.record({ stream: fc.string(), from: fc.nat(), to: fc.nat() }, plain)),
        claims: fc.array(
          fc.record({ stream: fc.string(), epoch: fc.nat(), from: fc.nat() }, plain),
        ),
        moved: fc.array(moved, { maxLength: 3 }),
        events: fc.array(event, { maxLength: 5 }),
        isWeighted: fc.boolean(),
      },
      plain,
    )
    .map(({ moved, events, isWeighted, ...rest }) => ({
      ...rest,
      names: known,
      moved: moved.map(({ table, width, rows, isRounded, seed }) => {
        const values = Float32Array.from({ length: width * rows.length }, (_, k) => seed * (k + 1))
        const own = { table, width, rows: Int32Array.from(rows), values }
        return isRounded ? { ...own, rounded: roundRows(values, width, [width]) } : own
      }),
      events: {
        items: Int32Array.from(events, ({ item }) => item),
        historyStart: Int32Array.from(
          [0, ...events].map((_, k) => {
            return events.slice(0, k).reduce((sum, { history }) => sum + history.length, 0)
          }),
        ),
        historyItems: Int32Array.from(events.flatMap(({ history }) => history)),
        weights: Float32Array.from(isWeighted ? events : [], ({ weight }) => weight),
      },
    }))
})

test('a record is the same after its way to bytes and back', () => {
  fc.assert(
    fc.property(record, (one) => {
      assert.deepEqual(decodeUpdate(encodeUpdate(one)), one)
    }),
    { numRuns: 200, endOnFailure: true },
  )
})

test('rounded moves take a quarter of the bytes, and are off by half a step at most', () => {
  const values = Float32Array.from({ length: 4000 }, (_, k) => (k % 3 === 0 ? -1 : 1) / (k + 3))
  const near = values.slice()
  const groups = Array.from({ length: 250 }, () => 16)
  const rounded = roundRows(near, 4000, groups)
  const nothing = { items: new Int32Array(0), historyStart: new Int32Array(1) }
  const of = (moved: Pick<UpdateRecord['moved'][number], 'values' | 'rounded'>) =>
    encodeUpdate({
      ...{ author: 'a', sequence: 1, claims: [], learned: [], names: [] },
      moved: [{ table: 't', width: 4000, rows: Int32Array.of(-1), ...moved }],
      events: { ...nothing, historyItems: new Int32Array(0), weights: new Float32Array(0) },
    }).length
  assert.ok(of({ values: near, rounded }) < 0.3 * of({ values }))
  for (let from = 0; from < 4000; from += 16) {
    const largest = Math.max(...values.subarray(from, from + 16).map(Math.abs))
    for (let k = from; k < from + 16; k++) {
      const off = Math.abs(near[k]! - values[k]!)
      assert.ok(off <= largest / 127 + 1e-12, `${values[k]} became ${near[k]}`)
    }
  }
})

test('moves of any size are rounded to what they are near', () => {
  for (const size of [1e-30, 1e-12, 1, 126.9, 127, 127.1, 1e30]) {
    const values = Float32Array.of(size, -size / 3, 0, size / 300)
    const near = values.slice()
    const { steps } = roundRows(near, 4, [4])
    assert.ok(Math.max(...steps.map(Math.abs)) >= 63, `${size}: ${steps}`)
    values.forEach((value, k) => {
      assert.ok(Math.abs(near[k]! - value) <= size / 127, `${value} became ${near[k]}`)
    })
  }
})

test('bytes that are no record are refused with an error', () => {
  fc.assert(
    fc.property(record, fc.nat(), fc.nat(255), fc.boolean(), (one, at, byte, cuts) => {
      const bytes = encodeUpdate(one)
      const place = at % bytes.length
      const other = cuts ? bytes.subarray(0, place) : Buffer.from(bytes)
      if (!cuts) other[place] = byte
      let read: UpdateRecord
      try {
        read = decodeUpdate(other)
      } catch (cause) {
        assert.ok(cause instanceof Error)
        return
      }
      assert.ok(!cuts, 'a part was read as a whole')
      // Whatever was read holds together: it can be written again.
      encodeUpdate(read)
    }),
    { numRuns: 300, endOnFailure: true },
  )
})
