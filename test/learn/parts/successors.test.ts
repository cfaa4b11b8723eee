// What came right after an item: by hand, from tables and from counts by partner, the same for some items and for all,
// exact over a restore, and as if it had never been for items that were dropped.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNeighbours, type Neighbours } from '../../../src/learn/parts/neighbours.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { createFollower } from '../../ports/follower.ts'
import { momentOf } from '../moments.ts'

const plan = { window: 3, lagEnds: [1], hasLargest: false, hasNext: true }
const items = Int32Array.from({ length: 90 }, (_, item) => item)

function nextOf(part: Neighbours, history: readonly number[]): number[] {
  const out = new Float32Array(part.features.length * items.length)
  part.score(momentOf(history), items, out, 0)
  return [...out.subarray(part.features.indexOf('neighbours.next') * items.length)]
}

/** Takes some events, the later items in an order of their own, and counts what came after what. */
function taught(parts: readonly Neighbours[], weight = 1) {
  const next = numbers(4)
  const [after, events] = [new Map<string, number>(), new Map<number, number>()]
  const runs: number[][] = Array.from({ length: 9 }, () => [])
  for (let k = 0; k < 500; k++) {
    const history = runs[Math.floor(next() * 9)]!
    const item = k % 3 > 0 && history.length > 0 ? history[0]! + 1 : Math.floor(next() ** 2 * 70)
    if (history.includes(item) || item >= items.length) continue
    const key = `${history[0]} ${item}`
    after.set(key, (after.get(key) ?? 0) + weight)
    events.set(item, (events.get(item) ?? 0) + weight)
    for (const one of parts) one.observe(momentOf(history), item, weight)
    history.unshift(item)
  }
  const expected = (newest: number, item: number) =>
    Math.log(1 + (30 * (after.get(`${newest} ${item}`) ?? 0)) / ((events.get(newest) ?? 0) + 20))
  return { runs, expected }
}

test('what came right after the newest item is counted one way, looked up in both forms of table', () => {
  const [roomy, tight] = [2_000, 60].map((neighboursPerItemMax) =>
    createNeighbours({ ...plan, neighboursPerItemMax }),
  )
  for (const weight of [1, 0.25]) {
    const parts =
      weight === 1 ? [roomy!, tight!] : [createNeighbours({ ...plan, neighboursPerItemMax: 60 })]
    const { expected } = taught(parts, weight)
    let known = 0
    for (const part of parts) {
      for (const newest of items) {
        for (const [item, value] of nextOf(part, [newest, 3]).entries()) {
          const wanted = expected(newest, item)
          assert.ok(Math.abs(value - wanted) < 1e-5, `${newest} ${item}: ${value}, ${wanted}`)
          if (wanted > 0) known++
        }
      }
      assert.ok(nextOf(part, []).every((value) => value === 0))
    }
    assert.ok(known > 100)
  }
})

test('all items, some items and bounds have the same of it, which is left out where it has no weight', () => {
  const part = createNeighbours({ ...plan, neighboursPerItemMax: 60 })
  const { runs } = taught([part])
  for (const weights of [
    [0, 0, 0.7],
    [0.3, -0.2, -0.4],
    [0.3, 0.2, 0],
  ].map((w) => Float32Array.from(w))) {
    for (const history of [...runs, []]) {
      const moment = momentOf(history)
      const [all, some, bounds] = [0, 0, 0].map(() => new Float32Array(items.length))
      part.addAll!(moment, items.length, weights, all!)
      part.staged!.begin(moment, weights, new Float32Array(0))
      part.staged!.addSome(items, items.length, some!, items.length)
      part.staged!.raise!(bounds!)
      assert.deepEqual(some, all)
      all!.forEach((value, item) => {
        assert.ok(bounds![item]! >= value, `${item}`)
      })
      const values = nextOf(part, history)
      if (weights[0] === 0) {
        all!.forEach((value, item) => {
          assert.ok(Math.abs(value - 0.7 * values[item]!) < 1e-5)
        })
      }
    }
  }
})

test('it is saved with its part, a part without it goes on with it empty, and dropped items leave it', () => {
  const part = createNeighbours({ ...plan, neighboursPerItemMax: 60 })
  const saved = createFollower(part.state)
  const { runs } = taught([part])
  assert.deepEqual(saved.next(), copyOf(part.state), 'what was written to is known')
  const restored = createNeighbours({ ...plan, neighboursPerItemMax: 60 })
  restored.restore(copyOf(part.state))
  for (const history of runs) assert.deepEqual(nextOf(restored, history), nextOf(part, history))

  const before = createNeighbours({ ...plan, hasNext: false, neighboursPerItemMax: 60 })
  taught([before])
  const renewed = createNeighbours({ ...plan, neighboursPerItemMax: 60 })
  renewed.restore(copyOf(before.state))
  renewed.observe(momentOf([7]), 40)
  assert.ok(nextOf(renewed, [7])[40]! > 0)
  assert.ok(runs.every((history) => nextOf(renewed, history).every((v, i) => v === 0 || i === 40)))

  const [newest] = runs[0]!
  const gone = new Uint8Array(items.length)
  nextOf(part, runs[0]!).forEach((value, item) => {
    if (value > 0) gone[item] = 1
  })
  assert.ok(gone.includes(1))
  gone[newest!] = 0
  part.dropItems!(gone)
  part.sweepItems!(gone, 0, items.length)
  const left = nextOf(part, runs[0]!)
  assert.ok(left.every((value, item) => value === 0 || gone[item] === 0))
})
