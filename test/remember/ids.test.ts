// Ids beyond their bound against a plain list in order of use.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIds, type Ids } from '../../src/remember/ids.ts'
import { createRandom } from '../../src/sample/random.ts'

/**
 * Names in order of use, the one that was idle for longest first. Where several go at once, they do so when the places
 * that are free are no more than that, and their own places are taken after those.
 */
function createPlain(max: number, atOnce: number) {
  const names: string[] = []
  let free = max
  let next = 0
  const evict = () => names.splice(0, atOnce).length
  function makeRoom(): void {
    if (free === 0) {
      free = next > 0 ? next : evict()
      next = 0
    }
    if (atOnce > 1 && next === 0 && free <= atOnce) next = evict()
  }
  return {
    names,
    meet(name: string): void {
      const at = names.indexOf(name)
      if (at >= 0) names.splice(at, 1)
      else {
        makeRoom()
        free--
      }
      names.push(name)
    },
  }
}

function namesOf(ids: Ids): string[] {
  return Array.from({ length: ids.size }, (_, id) => ids.name(id)).filter((name) => name !== '')
}

for (const [max, evictedShare, atOnce] of [
  [1, 0, 1],
  [7, 0, 1],
  [20, 0, 1],
  [20, 0.25, 5],
] as const) {
  test(`of ${max} names the ${atOnce} idle for longest make room`, () => {
    const random = createRandom(max, 'names')
    const ids = createIds(max, { evictedShare })
    const plain = createPlain(max, atOnce)
    for (let k = 0; k < 3_000; k++) {
      const name = `n${random.below(k % 500 < 250 ? 12 : 60)}`
      const id = ids.of(name)
      plain.meet(name)
      assert.equal(ids.name(id), name)
      assert.deepEqual(namesOf(ids).sort(), plain.names.toSorted(), `after ${k} names`)
      assert.ok(ids.size <= max)
    }
    assert.ok(ids.evictions > 100)
  })
}

test('where several lose their numbers at once, as many new names are met before others get them', () => {
  const ids = createIds(40, { evictedShare: 0.1 })
  const lostAt = new Map<number, number>()
  const seen: number[] = []
  let met = 1
  ids.watch((id) => lostAt.set(id, met))
  for (; met < 400; met++) {
    const id = ids.of(`name ${met}`)
    assert.ok(met - (lostAt.get(id) ?? -40) >= 4)
    seen[id] = met
  }
  assert.ok(ids.evictions > 300)
  const names = Array.from({ length: ids.size }, (_, id) => ids.name(id))
  const again = createIds(40, { known: names, seen, evictedShare: 0.1 })
  for (; met < 500; met++) assert.equal(again.of(`name ${met}`), ids.of(`name ${met}`))
})

test('what is held keeps its number, and who finds none is told so', () => {
  const ids = createIds(2)
  const hold = ids.hold()
  const [a, b] = [ids.of('a'), ids.of('b')]
  assert.equal(ids.of('c'), -1)
  assert.deepEqual([ids.find('a'), ids.find('b')], [a, b])
  hold.release()
  assert.equal(ids.of('c'), a)
  assert.equal(ids.find('a'), undefined)
})

test('what is only stored takes no place and is the first to lose its own', () => {
  const ids = createIds(3)
  ids.stored('old')
  ids.of('new')
  ids.stored('older')
  assert.equal(ids.stored('none'), -1)
  assert.equal(ids.name(ids.of('another')), 'another')
  assert.equal(ids.find('old'), undefined)
  ids.of('yet another')
  assert.equal(ids.find('older'), undefined)
  assert.notEqual(ids.find('new'), undefined)
})

test('a number can be asked for as of an earlier eviction until nobody does any more', () => {
  const ids = createIds(1)
  for (const name of ['a', 'b', 'c']) ids.of(name)
  const named = [0, 1, 2].map((evictions) => ids.name(0, evictions))
  assert.deepEqual(named, ['a', 'b', 'c'])
  ids.dropFormerNames(1)
  assert.deepEqual([ids.name(0, 1), ids.name(0, 2)], ['b', 'c'])
})

test('changes say at which event of the hold they came', () => {
  const ids = createIds(1)
  ids.of('a')
  assert.deepEqual([ids.takeNew(), ids.takeChanges()], [['a'], []])
  const hold = ids.hold()
  hold.at = 5
  assert.equal(ids.of('b'), 0)
  assert.deepEqual(ids.takeChanges(hold), [
    { id: 0, name: '', at: 5 },
    { id: 0, name: 'b', at: 5 },
  ])
  assert.deepEqual(ids.takeEvicted(), ['a'])
})
