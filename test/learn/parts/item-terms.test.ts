// The parts whose features are plain formulas of an item: by hand, with and without an engine's logarithms, exact over
// a restore, and as if new for items that were dropped.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCatalogue } from '../../../src/adapters/wasm/catalogue.ts'
import type { Part } from '../../../src/learn/part.ts'
import { createFreshness } from '../../../src/learn/parts/freshness.ts'
import { createMatch } from '../../../src/learn/parts/match/match.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { createFollower } from '../../ports/follower.ts'
import { momentOf } from '../moments.ts'

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 2e-6 * Math.max(1, expected), `${actual}, ${expected}`)

function features(part: Part, history: readonly number[], items: readonly number[]): number[][] {
  const n = items.length
  const out = new Float32Array((part.features.length + 1) * n)
  part.score(momentOf(history), Int32Array.from(items), out, 1)
  return part.features.map((_, f) => [...out.subarray((1 + f) * n, (2 + f) * n)])
}

test('freshness and match are what the formulas say, by a clock that ticks every 64 events', () => {
  for (const catalogue of [undefined, createCatalogue()]) {
    const make = () => [createFreshness(catalogue), createMatch(catalogue)] as const
    const parts = make()
    const next = numbers(9)
    const arrivals: number[] = []
    /** Lengths of the histories that they came after. */
    const lengths: number[] = []
    const histories = [[], [3], [3, 0, 1_500, 7], [3, 0, 1_500, 7, 9], [3, 0, 1_500, 7, 9, 1]]
    const saved = parts.map(({ state }) => createFollower(state))
    const marked = (item: number) => ({
      first: arrivals.indexOf(item) + 1,
      latest: arrivals.lastIndexOf(item) + 1,
      count: arrivals.filter((one) => one === item).length,
    })
    const items = [0, 5, 19, 1_500, 1_519, 9_999]
    /** Events of the item that came as early as that of a user with so many positives. */
    const early = (item: number, length: number) => {
      const from = length === 0 ? 0 : 1
      const to = length === 0 ? 0 : length < 5 ? 4 : -1
      return arrivals.filter((one, k) => one === item && lengths[k]! >= from && lengths[k]! <= to)
    }
    const checkNewcomers = (match: Part) => {
      for (const own of histories) {
        const found = features(match, own, items)[2]!
        items.forEach((item, x) => {
          close(found[x]!, Math.log(1 + early(item, own.length).length))
        })
      }
    }
    const history = histories[2]!
    const check = (own: readonly Part[]) => {
      checkNewcomers(own[1]!)
      const now = 64 * Math.floor(arrivals.length / 64)
      const age = (mark: number) => Math.log(1 + Math.max(0, now - mark))
      const level = (item: number) => Math.log(1 + marked(item).count)
      const mean = (values: readonly number[]) =>
        values.reduce((sum, one) => sum + one, 0) / values.length
      const [levels, ages] = [
        mean(history.map(level)),
        mean(history.map((h) => age(marked(h).first))),
      ]
      const [fresh, match] = own.map((part) => features(part, history, items))
      items.forEach((item, x) => {
        close(fresh![0]![x]!, age(marked(item).first))
        close(fresh![1]![x]!, age(marked(item).latest))
        close(match![0]![x]!, Math.abs(level(item) - levels))
        close(match![1]![x]!, Math.abs(age(marked(item).first) - ages))
      })
    }
    for (let k = 0; k < 300; k++) {
      const item = Math.floor(next() * 20) + (k > 200 ? 1_500 : 0)
      const own = histories[k % 5]!
      for (const part of parts) part.observe(momentOf(own), item)
      arrivals.push(item)
      lengths.push(own.length)
      if (k % 50 === 9) check(parts)
    }
    parts.forEach((part, p) => {
      assert.deepEqual(saved[p]!.next(), copyOf(part.state), 'what was written to is known')
    })
    const restored = make()
    for (const [p, part] of restored.entries()) part.restore(copyOf(parts[p]!.state))
    for (const own of [parts, restored]) for (const part of own) part.observe(momentOf([]), 3)
    arrivals.push(3)
    lengths.push(0)
    check(restored)
    restored.forEach((part, p) => {
      assert.deepEqual([...copyOf(part.state)], [...copyOf(parts[p]!.state)])
    })
    const gone = Uint8Array.from({ length: 20 }, (_, item) => (item === 5 ? 1 : 0))
    for (const part of parts) part.dropItems!(gone)
    const never = features(parts[0], [], [5, 9_999])
    assert.deepEqual(
      never.map(([dropped, unknown]) => dropped! - unknown!),
      [0, 0],
    )
    const ofNobody = features(parts[1], [], items)
    assert.deepEqual(
      ofNobody.slice(0, 2).flat(),
      items.flatMap(() => [0, 0]),
    )
    assert.ok(ofNobody[2]![0]! > 0)
    assert.equal(ofNobody[2]![1], 0)
  }
})

test('a column is made in a step of its own, once for each tick of the clock', () => {
  const parts = [createFreshness(), createMatch()]
  const steps = () =>
    parts.map(({ staged }) => {
      let steps = 0
      while (staged?.prepare?.() === true) steps++
      return steps
    })
  for (const tick of [0, 1, 2]) {
    for (let event = 0; event < 64; event++)
      for (const part of parts) part.observe(momentOf([]), tick)
    assert.deepEqual(
      [steps(), steps()],
      [
        [2, 1],
        [0, 0],
      ],
    )
  }
})
