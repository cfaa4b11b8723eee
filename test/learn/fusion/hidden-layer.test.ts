// The hidden layer beside the output weights: it adds nothing at first, learns what no weights can, tells what it adds,
// and goes on after a restore.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFusion, type Fusion } from '../../../src/learn/fusion/fusion.ts'
import { createHiddenLayer } from '../../../src/learn/fusion/hidden-layer.ts'
import type { Part } from '../../../src/learn/part.ts'
import { viewOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { momentOf } from '../moments.ts'
import { items, learn, parts, scored, values } from './formula-parts.ts'

const options = {
  ...{ rate: 0.05, accumulator: 0.1, choices: 2, newUserLength: 2, awaySeconds: 600 },
}
const features = 3

function bent(of: readonly Part[] = parts, units = 6, rate = 0.01): Fusion {
  const count = of.reduce((sum, part) => sum + part.features.length, 0)
  const layer = createHiddenLayer(count, { units, rate, directRate: 0.02, seed: 1 })
  return createFusion(of, options, layer)
}

function savedOf(fusion: Fusion) {
  return structuredClone(
    new Map([...fusion.save(), ...viewOf({ live: [fusion.hidden!.live], rest: () => new Map() })]),
  )
}

test('a layer that has learned nothing adds nothing, and the output weights learn as without it', () => {
  const moment = momentOf([1, 2, 3])
  const [one, other] = [bent(), createFusion(parts, options)]
  assert.deepEqual(scored(one, moment, items).scores, scored(other, moment, items).scores)
  for (let k = 0; k < 20; k++) {
    learn(one, moment, items)
    learn(other, moment, items)
  }
  assert.deepEqual(scored(one, moment, items).weights, other.weights(moment))
  const { scores, linear } = scored(one, moment, items)
  assert.deepEqual(linear, scored(other, moment, items).scores)
  assert.ok(scores.some((score, x) => Math.abs(score - linear[x]!) > 1e-3))
})

/** Two features of any sign; the item that is taken is the one whose features agree most. */
function pairOfSigns(next: () => number) {
  const values = [new Float32Array(200), new Float32Array(200)] as const
  const part: Part = {
    ...parts[0]!,
    ...{ name: 'signs', features: ['a', 'b'], start: [0, 0] },
    score(_moment, of, out, offset) {
      for (let f = 0; f < 2; f++) {
        of.forEach((item, x) => {
          out[(offset + f) * of.length + x] = values[f]![item]!
        })
      }
    },
  }
  const agree = (i: number) => values[0][i]! * values[1][i]!
  const shuffle = (): Int32Array => {
    for (const column of values) for (let i = 0; i < 200; i++) column[i] = next() < 0.5 ? -1 : 1
    const drawn = Array.from({ length: 21 }, () => Math.floor(200 * next()))
    return Int32Array.from(drawn.sort((a, b) => agree(b) - agree(a)))
  }
  return { part, shuffle, agree }
}

test('learns what no weights of the features can: that two of them agree', () => {
  const { part, shuffle, agree } = pairOfSigns(numbers(5))
  /** Of the items whose features do not agree, how many are below the one that is taken. */
  const shareBelow = (fusion: Fusion): number => {
    const moment = momentOf([1, 2])
    let [below, others] = [0, 0]
    for (let k = 0; k < 1_000; k++) {
      const drawn = shuffle()
      const of = scored(fusion, moment, drawn)
      drawn.forEach((item, x) => {
        if (k < 800 || agree(item) > 0) return
        others++
        if (of.scores[x]! < of.scores[0]!) below++
      })
      fusion.learn(moment, of)
    }
    return below / others
  }
  const [plain, withLayer] = [
    shareBelow(createFusion([part], options)),
    shareBelow(bent([part], 8)),
  ]
  assert.ok(withLayer > 0.95, `${withLayer}`)
  assert.ok(plain < 0.7, `${plain}`)
})

test('candidates that are missing change nothing', () => {
  const moment = momentOf([1])
  const fusion = bent()
  for (let k = 0; k < 5; k++) learn(fusion, moment, items)
  const before = savedOf(fusion)
  learn(fusion, moment, Int32Array.of(2, -1, -1, -1, -1, -1, -1))
  for (const name of ['weights', 'first', 'steps']) {
    const full = `fusion.hidden.${name}`
    assert.deepEqual(savedOf(fusion).get(full), before.get(full), name)
  }
})

test('goes on to the same bytes after a restore', () => {
  const fusion = bent()
  for (let k = 0; k < 30; k++) learn(fusion, momentOf([1, k % 5]), items)
  const other = bent()
  other.restore(savedOf(fusion))
  for (let k = 0; k < 10; k++) {
    learn(fusion, momentOf([1, k % 5]), items)
    learn(other, momentOf([1, k % 5]), items)
  }
  assert.deepEqual([...savedOf(other)], [...savedOf(fusion)])
})

test('a model that gains a feature adds what it added; with other units only its direct weights go on', () => {
  const fusion = bent()
  const moment = momentOf([1, 2])
  for (let k = 0; k < 30; k++) learn(fusion, moment, items)
  const { scores, linear } = scored(fusion, moment, items)
  const added = scores.map((score, x) => score - linear[x]!)
  const more: Part = { ...parts[0]!, name: 'more', features: ['new'], start: [0] }
  const gained = bent([more, ...parts])
  gained.restore(savedOf(fusion))
  const now = scored(gained, moment, items)
  added.forEach((value, x) => {
    assert.ok(Math.abs(now.scores[x]! - now.linear[x]! - value) < 1e-5, `${x}`)
  })
  const anew = bent(parts, 7)
  anew.restore(savedOf(fusion))
  assert.deepEqual(anew.weights(moment), fusion.weights(moment))
  const fresh = scored(anew, moment, items)
  const before = scored(fusion, moment, items)
  assert.deepEqual(fresh.direct, before.direct)
  fresh.scores.forEach((score, x) => {
    const sum = fresh.direct.reduce(
      (all, c, f) => all + c * fresh.features[f * items.length + x]!,
      0,
    )
    assert.ok(Math.abs(score - sum) < 1e-5, `${x}`)
  })
  assert.ok(before.scores.some((score, x) => Math.abs(score - fresh.scores[x]!) > 1e-3))
})

test('a checkpoint without a layer is gone on from with a layer that begins', () => {
  const older = createFusion(parts, options)
  const moment = momentOf([1, 2])
  for (let k = 0; k < 30; k++) learn(older, moment, items)
  const fusion = bent()
  fusion.restore(structuredClone(new Map(older.save())))
  assert.deepEqual(scored(fusion, moment, items).scores, scored(older, moment, items).scores)
  learn(fusion, moment, items)
})

test('the direct weights take a step of Adagrad down the loss among all candidates, in three sets', () => {
  const fusion = bent()
  const moment = momentOf([1, 2, 3])
  const before = scored(fusion, moment, items)
  const known = Array.from(items.filter((item) => item >= 0))
  const all = known.reduce((sum, _, x) => sum + Math.exp(before.scores[x]!), 0)
  const slopes = known.map((_, x) => Math.exp(before.scores[x]!) / all - (x === 0 ? 1 : 0))
  fusion.learn(moment, before)
  const after = scored(fusion, moment, items)
  for (let f = 0; f < features; f++) {
    const g = -slopes.reduce((sum, slope, x) => sum + slope * values(f, known[x]!), 0)
    const step = (0.02 * g) / Math.sqrt(0.1 + g * g)
    const moved = after.direct[f]! - before.direct[f]!
    assert.ok(Math.abs(moved - 3 * step) < 1e-4 * Math.abs(step) + 1e-6, `${moved}, ${3 * step}`)
  }
})

test('two moments with other contexts are bent in other ways', () => {
  const fusion = bent(parts, 12, 0.05)
  // Of two users: the skill of one who is now this and now that would tell what comes next.
  const early = momentOf([1, 2], 2, 0)
  const late = { ...momentOf([1, 2], 400, 43_200_000), user: 1 }
  for (let k = 0; k < 400; k++) {
    learn(fusion, early, Int32Array.of(2, 5, 9, 11))
    learn(fusion, late, Int32Array.of(5, 2, 9, 11))
  }
  const first = (moment: ReturnType<typeof momentOf>) => {
    const { scores } = scored(fusion, moment, Int32Array.of(2, 5, 9, 11))
    return scores.indexOf(Math.max(...scores))
  }
  assert.deepEqual([first(early), first(late)], [0, 1])
})
