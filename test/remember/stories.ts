// Random stories of a few users and items, told to a mirror of the positive sets.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Positives } from '../../src/remember/positives.ts'
import { fullAdd } from '../../src/strength.ts'

export const users = 3
export const items = 8

export interface Event {
  readonly user: number
  readonly item: number
  readonly time: number
  readonly what: 'ADD' | 'REMOVE' | 'forget'
  /** Of an ADD; absent: a full one. */
  readonly code?: number
}

export const event = (kinds: readonly Event['what'][], codes: readonly number[] = [fullAdd]) =>
  fc.record({
    user: fc.nat(users - 1),
    item: fc.nat(items - 1),
    time: fc.integer({ min: 1, max: 12 }),
    what: fc.constantFrom(...kinds),
    code: fc.constantFrom(...codes),
  })
export const changes = ['ADD', 'ADD', 'ADD', 'REMOVE'] as const

export function mirror(
  positivesPerUserMax = 1_000,
  removalsPerUserMax = 1_000,
  earlierItemsPerUserMax = 0,
): Positives {
  return new Positives({ positivesPerUserMax, removalsPerUserMax, earlierItemsPerUserMax })
}

export function tell(into: Positives, events: readonly Event[]): void {
  for (const { user, item, time, what, code } of events) {
    if (what === 'ADD') into.add(user, item, time, code)
    else if (what === 'REMOVE') into.remove(user, item, time)
    else into.forget(user)
  }
}

/** What every user has, sorted; checks on the way that all the views of the mirror agree. */
export function setsOf(from: Positives): string[][] {
  let [size, earlierSize] = [0, 0]
  const holders = new Array<number>(items).fill(0)
  const sets = Array.from({ length: users }, (_, user) => {
    const { start, length, times, items: runItems } = from.runs
    const run = Array.from({ length: length[user] ?? 0 }, (_, place) => start[user]! + place)
    for (const [place, slot] of run.entries()) {
      assert.ok(place === 0 || times.at(slot - 1) <= times.at(slot), 'a run is in order of time')
      assert.equal(from.placeOf(user, runItems[slot]!), place)
      assert.equal(from.runs.userOf(slot), user)
    }
    size += run.length
    const own = run.map((slot) => runItems[slot]!)
    const apart = from.withheld.get(user)
    if (apart !== undefined) own.push(apart.item)
    const { earlier } = from
    earlierSize += earlier.count(user)
    if (earlier.count(user) > 0) {
      assert.equal(run.length, from.limits.positivesPerUserMax, 'only a full set leaves items out')
      const slots = [...earlier.itemsOf(user).keys()].map((at) => earlier.runs.start[user]! + at)
      const order = [...slots.map((slot) => earlier.runs.times.at(slot)), times.at(run[0]!)]
      assert.deepEqual(
        order,
        order.slice().sort((a, b) => a - b),
        'in order of time, before the set',
      )
      own.push(...earlier.itemsOf(user))
    }
    assert.equal(new Set(own).size, own.length, 'nothing twice')
    for (let item = 0; item < items; item++) {
      assert.equal(from.has(user, item), own.includes(item))
      if (from.has(user, item)) holders[item]!++
    }
    return own.map(String).sort()
  })
  assert.deepEqual([from.size, from.earlier.size], [size, earlierSize])
  assert.deepEqual([...from.holders.subarray(0, items)], holders)
  return sets
}
