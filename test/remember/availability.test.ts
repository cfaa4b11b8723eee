// What may be listed is what the newest word on each item says at the moment, whatever came when: against a plain
// reading of all that was said, at every step.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAvailability } from '../../src/remember/availability/availability.ts'
import type { ItemState } from '../../src/types.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f']

type Step =
  | { readonly kind: 'say'; readonly state: ItemState }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'name'; readonly id: number; readonly name: string }

const time = fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined })
const step = fc.oneof(
  fc
    .record({ item: fc.constantFrom(...names), available: fc.boolean(), from: time, until: time })
    .map(({ from, until, ...state }): Step => {
      const bounds = {
        ...(from === undefined ? {} : { from }),
        ...(until === undefined ? {} : { until }),
      }
      return { kind: 'say', state: { ...state, ...bounds } }
    }),
  fc.integer({ min: 0, max: 40 }).map((ms): Step => ({ kind: 'pass', ms })),
  fc
    .record({ id: fc.nat(3), name: fc.constantFrom(...names, '') })
    .map((one): Step => ({ kind: 'name', ...one })),
)

const modes = ['listed', 'unlisted'] as const

/** What a plain reading says of a name. */
function isListed(state: ItemState | undefined, unnamed: string, nowMs: number): boolean {
  if (state === undefined) return unnamed === 'listed'
  const { available, from = -Infinity, until = Infinity } = state
  return available && from <= nowMs && nowMs < until
}

test('an item may be listed as the newest word on it says now', () => {
  const property = fc.property(
    fc.constantFrom(...modes),
    fc.array(step, { maxLength: 60 }),
    (unnamed, steps) => {
      const own = createAvailability({ unnamed, statesMax: 100 })
      const said = new Map<string, ItemState>()
      const named = new Map<number, string>()
      let nowMs = 0
      for (const one of steps) {
        if (one.kind === 'say') {
          said.set(one.state.item, one.state)
          assert.equal(own.apply([one.state], nowMs), 0)
        } else if (one.kind === 'pass') {
          nowMs += one.ms
          own.advance(nowMs)
        } else {
          // A name has one id.
          if ([...named].some(([id, name]) => name === one.name && id !== one.id)) continue
          named.set(one.id, one.name)
          own.named(one.id, one.name)
        }
        const shut: number[] = []
        for (const [id, name] of named) {
          const listed = name === '' || isListed(said.get(name), unnamed, nowMs)
          assert.equal(own.isUnlisted(id), !listed, `${name} at ${nowMs}`)
          if (!listed) shut.push(id)
        }
        assert.deepEqual([...own.unlisted()].sort(), shut.sort())
      }
    },
  )
  fc.assert(property, { numRuns: 2_000 })
})

test('what was saved says the same after a restart, and asks for lists to be looked through', () => {
  for (const unnamed of modes) {
    const before = createAvailability({ unnamed, statesMax: 100 })
    const known = ['a', 'b', 'c', 'd']
    for (const [id, name] of known.entries()) before.named(id, name)
    before.apply(
      [
        { item: 'a', available: true },
        { item: 'b', available: false },
        { item: 'c', available: true, until: 50 },
        { item: 'stranger', available: false },
      ],
      10,
    )
    const after = createAvailability({ unnamed, statesMax: 100 })
    after.restore(before.save(), known, 20)
    assert.ok(after.withdrawals > 0)
    assert.equal(after.isUnlisted(1), true)
    if (unnamed === 'listed') {
      assert.deepEqual([...after.unlisted()], [1])
      after.advance(50)
      assert.deepEqual([...after.unlisted()].sort(), [1, 2])
    } else
      assert.deepEqual([...after.unlisted()].sort(), [0, 1, 2, 3], 'the feed is to say it anew')
  }
})

test('beyond the bound the word on further items is not kept, and counted', () => {
  const own = createAvailability({ unnamed: 'unlisted', statesMax: 2 })
  for (const [id, name] of names.entries()) own.named(id, name)
  const listed = (item: string): ItemState => ({ item, available: true })
  assert.equal(own.apply(names.map(listed), 0), 4)
  assert.deepEqual([...own.unlisted()].sort(), [2, 3, 4, 5])
  assert.equal(own.states, 2)
  // One that is out again makes room: it says no more than silence does.
  assert.equal(own.apply([{ item: 'a', available: false }, listed('f')], 0), 0)
  assert.deepEqual([...own.unlisted()].sort(), [0, 2, 3, 4])
})

const out = (item: string): ItemState => ({ item, available: false })

test('at the bound whatever the model knows and is out of stock stays out, and is saved', () => {
  const own = createAvailability({ unnamed: 'listed', statesMax: 2 })
  for (const [id, name] of names.entries()) own.named(id, name)
  assert.equal(own.apply(names.map(out), 0), 0)
  assert.deepEqual([...own.unlisted()].sort(), [0, 1, 2, 3, 4, 5])
  assert.equal(own.states, 2)
  const after = createAvailability({ unnamed: 'listed', statesMax: 2 })
  after.restore(own.save(), names, 0)
  assert.deepEqual([...after.unlisted()].sort(), [0, 1, 2, 3, 4, 5])
  assert.equal(own.apply([{ item: 'd', available: true }], 0), 0)
  assert.deepEqual([...own.unlisted()].sort(), [0, 1, 2, 4, 5])
  // An id that comes to stand for another item says nothing of the one before, whose word is kept by its name.
  own.named(0, 'g')
  assert.equal(own.isUnlisted(0), false)
  own.named(6, 'a')
  assert.equal(own.isUnlisted(6), true)
  assert.deepEqual([own.states, own.apply([], 0)], [2, 0])
})

test('at the bound of items that nobody has met, those go first that may be listed now', () => {
  const own = createAvailability({ unnamed: 'listed', statesMax: 2 })
  const limited = { item: 'x', available: true, until: 100 }
  assert.equal(own.apply([limited, out('y')], 0), 0)
  assert.equal(own.apply([out('z')], 0), 1, 'x is forgotten')
  assert.equal(own.apply([limited, out('w')], 0), 2, 'nothing of the others is less')
  for (const [id, name] of ['x', 'y', 'z', 'w'].entries()) own.named(id, name)
  assert.deepEqual([...own.unlisted()].sort(), [1, 2])
})

test('a time that was told before an item went out for good brings nothing back', () => {
  const own = createAvailability({ unnamed: 'listed', statesMax: 1 })
  own.named(0, 'a')
  own.named(1, 'b')
  own.apply([{ item: 'a', available: true, from: 50, until: 60 }], 0)
  own.apply([out('a'), out('b')], 0)
  for (const at of [50, 60, 70]) {
    own.advance(at)
    assert.deepEqual([...own.unlisted()].sort(), [0, 1], `at ${at}`)
  }
})

test('with any bound, no item that the model knows is listed after it went out of stock', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 4 }),
    fc.array(step, { maxLength: 60 }),
    (statesMax, steps) => {
      const own = createAvailability({ unnamed: 'listed', statesMax })
      for (const [id, name] of names.entries()) own.named(id, name)
      const isOut = new Map<string, boolean>()
      let nowMs = 0
      for (const one of steps) {
        if (one.kind === 'say') {
          own.apply([one.state], nowMs)
          isOut.set(one.state.item, !one.state.available)
        } else if (one.kind === 'pass') own.advance((nowMs += one.ms))
        assert.ok(own.states <= statesMax)
        for (const [id, name] of names.entries()) {
          if (isOut.get(name) === true) assert.ok(own.isUnlisted(id), `${name} at ${nowMs}`)
        }
      }
    },
  )
  fc.assert(property, { numRuns: 2_000 })
})

test('times that come again and again do not pile up', () => {
  const own = createAvailability({ unnamed: 'listed', statesMax: 10 })
  own.named(0, 'a')
  for (let until = 1; until <= 20_000; until++)
    own.apply([{ item: 'a', available: true, until }], 0)
  own.advance(19_999)
  assert.equal(own.isUnlisted(0), false)
  own.advance(20_000)
  assert.equal(own.isUnlisted(0), true)
})
