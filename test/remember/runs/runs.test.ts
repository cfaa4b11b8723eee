// Runs hold what was put into them, wherever they lie, and leave no more room unused than their sizes explain.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { heap } from '../../../src/remember/int-arrays.ts'
import { Runs } from '../../../src/remember/runs/runs.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'

const users = 6

interface Step {
  readonly user: number
  readonly kind: 'insert' | 'remove' | 'clear'
  readonly item: number
}

test('whether free runs are joined or not, each user has their own items, also after a restore at any moment', () => {
  const step = fc.record({
    user: fc.nat(users - 1),
    kind: fc.constantFrom(
      'insert',
      'insert',
      'insert',
      'insert',
      'remove',
      'clear',
    ) as fc.Arbitrary<Step['kind']>,
    item: fc.nat(1_000),
  })
  const story = fc.record({
    before: fc.array(step, { maxLength: 300, size: 'max' }),
    after: fc.array(step, { maxLength: 300, size: 'max' }),
    joinedFrom: fc.constantFrom(0, 40, 2 ** 20),
  })
  const property = fc.property(story, ({ before, after, joinedFrom }) => {
    const one = opened(joinedFrom)
    const model = new Map<number, number[]>()
    for (const each of before) play(one, model, each)
    check(one, model)
    const other = opened(joinedFrom)
    other.restore(copyOf(one.state(() => users, 'r')), 'r')
    check(other, model)
    for (const each of after) {
      play(other, new Map(model), each)
      play(one, model, each)
    }
    check(one, model)
    assert.deepEqual(copied(other), copied(one), 'the same places, the same free runs')
  })
  fc.assert(property, { numRuns: 300, seed: 1 })
})

test('a run that others have outgrown is used by larger ones where free runs are joined', () => {
  const many = 20_000
  const slotsOf = (joinedFrom: number): number => {
    const runs = new Runs(heap, joinedFrom)
    const random = createRandom(3)
    runs.growUsers(many)
    for (let user = 0; user < many; user++) runs.insert(user, 0, user, 0)
    for (let k = 0; k < 9 * many; k++) {
      const user = random.below(many)
      runs.insert(user, runs.length[user]!, k, k)
    }
    return runs.used / many
  }
  // Sizes double, so ten items take 13.7 slots on the mean. What was outgrown takes 6 more.
  const [always, later, never] = [0, 100_000, 2 ** 30].map(slotsOf)
  assert.ok(always! < 15.2, `${always} slots a user`)
  assert.ok(later! < 15.2, `${later} slots a user`)
  assert.ok(never! > 19, `${never} slots a user`)
})

test('nothing stays in a run that nobody has', () => {
  const runs = opened(0)
  for (let user = 0; user < users; user++) {
    for (let k = 0; k < 20; k++) runs.insert(user, k, 7, 9)
  }
  for (let user = 0; user < users; user++) runs.clear(user)
  assert.ok(runs.items.every((item) => item === 0))
  for (let slot = 0; slot < runs.used; slot++) {
    assert.equal(runs.times.at(slot), 0)
    assert.equal(runs.userOf(slot), -1)
  }
})

function opened(joinedFrom: number): Runs {
  const runs = new Runs(heap, joinedFrom)
  runs.growUsers(users)
  return runs
}

function play(runs: Runs, model: Map<number, number[]>, { user, kind, item }: Step): void {
  const items = model.get(user) ?? []
  if (kind === 'clear') {
    runs.clear(user)
    model.delete(user)
    return
  }
  const place = items.length === 0 ? 0 : item % items.length
  if (kind === 'insert') {
    runs.insert(user, place, item, item)
    model.set(user, items.toSpliced(place, 0, item))
  } else if (items.length > 0) {
    runs.remove(user, place)
    model.set(user, items.toSpliced(place, 1))
  }
}

function check(runs: Runs, model: ReadonlyMap<number, readonly number[]>): void {
  const held = new Map<number, number>()
  for (let slot = 0; slot < runs.used; slot++) {
    const user = runs.userOf(slot)
    if (user >= 0) held.set(user, (held.get(user) ?? 0) + 1)
  }
  for (let user = 0; user < users; user++) {
    const items = model.get(user) ?? []
    assert.deepEqual([...runs.itemsOf(user)], items)
    assert.equal(held.get(user) ?? 0, items.length, 'slots say whose they are')
  }
}

function copied(runs: Runs) {
  return [...copyOf(runs.state(() => users, 'r'))]
}
