// Times by slot against a plain array: whatever they are, moved, cleared, grown and read back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SlotTimes } from '../../../src/remember/runs/slot-times.ts'

const latest = 2 ** 48 - 1
const usual = fc.oneof(
  fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, latest),
  fc.date({ min: new Date(0), max: new Date('2199-12-31') }).map((date) => date.getTime()),
)
/** They do not fit into six bytes. */
const odd = fc.constantFrom(-1, 1.5, latest + 1, 2 ** 53 - 1, Number.NEGATIVE_INFINITY)
const slots = 20
const slot = fc.nat(slots - 1)

function property(time: fc.Arbitrary<number>, bytesMax: number) {
  const step = fc.record({ kind: fc.nat(3), slot, other: slot, time })
  return fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const times = new SlotTimes(slots)
    const plain = new Float64Array(slots)
    for (const { kind, slot, other, time } of steps) {
      const [from, end] = [Math.min(slot, other), Math.max(slot, other)]
      if (kind < 2) {
        times.put(slot, time)
        plain[slot] = time
      } else if (kind === 2) {
        times.copyWithin(slot, other, slots)
        plain.copyWithin(slot, other, slots)
      } else {
        times.clear(from, end)
        plain.fill(0, from, end)
      }
    }
    times.grow(400_000)
    const same = new SlotTimes(400_000)
    same.restore(times.column.read(0, slots) as Float64Array)
    for (const one of [times, same]) {
      plain.forEach((time, slot) => {
        assert.equal(one.at(slot), time)
      })
      assert.deepEqual(one.column.read(5, 17), plain.slice(5, 17))
      assert.equal(one.at(399_999), 0)
      assert.ok(one.bytes <= bytesMax * 400_000, `${one.bytes} bytes`)
    }
  })
}

test('times of events are as they were put, in six bytes, wherever they are moved', () => {
  fc.assert(property(usual, 6))
})

test('any other number is kept to the last bit, too, in eight', () => {
  fc.assert(property(fc.oneof(usual, odd), 8))
})
