// Lists of a model with a hidden layer: the sum of the parts finds a shortlist, the whole score orders it, and what
// each part and the layer gave adds up to the score.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { addAction } from '../../../src/messages.ts'
import type { BentOptions } from '../../../src/rank/bent-list.ts'
import { evictUsers } from '../../../src/trainer/evict/evict.ts'
import { createRecommender } from '../../../src/trainer/lists/recommender.ts'
import { createLearner, type Learner } from '../../../src/trainer/model/learner.ts'
import { planLearner } from '../../../src/trainer/model/plan.ts'
import { configOf, streamOf } from '../stream.ts'

const stream = streamOf(3_000)
const newest = Math.max(...stream.flatMap(({ times }) => [...times]))

function learned(flags: Record<string, unknown> = {}, fused?: Partial<BentOptions>): Learner {
  const config = configOf({ factors: 8, model: 'nbpr', ...flags })
  const plan = planLearner(config)
  const own = { ...plan, fusion: { ...plan.fusion, ...fused } }
  const learner = createLearner(config, createWasmEngine(), { plan: own })
  for (const { users, items, times } of stream) {
    for (let k = 0; k < users.length; k++) {
      learner.apply(users[k]!, items[k]!, times[k]!, addAction, 1)
    }
  }
  return learner
}

/** All items that may be listed, best first by the whole score. */
function ordered({ positives, preference, momentOf }: Learner, user: number): number[] {
  const all = Int32Array.from({ length: positives.items }, (_, item) => item)
  const scores = new Float32Array(all.length)
  preference.score(momentOf(user, newest), all, scores)
  return [...all]
    .filter((item) => positives.holders[item]! > 0 && !positives.excludes(user, item))
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
}

const whole = learned({}, { margin: Number.POSITIVE_INFINITY })
const readers = Array.from({ length: 60 }, (_, user) => user).filter(
  (user) => whole.positives.count(user) > 0,
)

test('a catalogue that the shortlist holds is ordered by the whole score', () => {
  const { toUser } = createRecommender(whole)
  let bent = 0
  for (const user of readers) {
    for (const k of [1, 10, 150]) {
      const list = toUser(user, k, newest)
      assert.deepEqual([...list.items], ordered(whole, user).slice(0, k))
      assert.ok(list.scores.every((score, at) => at === 0 || score <= list.scores[at - 1]!))
    }
    const moment = whole.momentOf(user, newest)
    const top = Int32Array.from(ordered(whole, user).slice(0, 10))
    const contributions = whole.preference.contributions(moment, top)
    const sums = contributions.map((parts) => Object.values(parts).reduce((a, b) => a + b, 0))
    const scores = new Float32Array(10)
    whole.preference.score(moment, top, scores)
    sums.forEach(
      (sum, x) => void assert.ok(Math.abs(sum - scores[x]!) < 1e-4, `${sum}, ${scores[x]}`),
    )
    bent += contributions.filter((parts) => Math.abs(parts['hidden-layer']!) > 0.01).length
  }
  assert.ok(bent > 5 * readers.length, `the layer has changed ${bent} scores`)
})

test('a short shortlist still finds most of the best, and the layer orders it', () => {
  const short = learned({}, { shortlist: 40 })
  const { toUser } = createRecommender(short)
  let found = 0
  for (const user of readers) {
    const best = ordered(short, user)
    const { items } = toUser(user, 10, newest)
    found += [...items].filter((item) => best.indexOf(item) < 10).length
    const places = [...items].map((item) => best.indexOf(item))
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    )
  }
  assert.ok(found > 9.5 * readers.length, `${found} of ${10 * readers.length}`)
})

test('a list that ends where the layer would have to add much more is nearly always the best ten', () => {
  const { toUser } = createRecommender(learned())
  let found = 0
  for (const user of readers) {
    const best = new Set(ordered(whole, user).slice(0, 10))
    found += [...toUser(user, 10, newest).items].filter((item) => best.has(item)).length
  }
  assert.ok(found >= 9.95 * readers.length, `${found} of ${10 * readers.length}`)
})

test('without the layer nothing is bent, and the parts learn the same', () => {
  const plain = learned({ hiddenUnits: 0 })
  const light = learned({ effort: 'light' })
  for (const { preference } of [plain, light]) {
    assert.ok(!preference.names.some((name) => name.includes('hidden')))
    assert.equal(preference.live, undefined)
  }
  const { model } = plain.prequential.quality().all
  assert.deepEqual(whole.prequential.quality().all['without.hidden-layer'], model)
  for (const [k, { network }] of plain.networks.entries()) {
    for (const [name, { data }] of network.tensors()) {
      assert.deepEqual(whole.networks[k]!.network.tensors().get(name)!.data, data, name)
    }
  }
})

test('nothing of a user who is evicted is known of the next one with the id', () => {
  const learner = learned()
  const skill = (user: number) => {
    const [rows] = learner.preference.live!
    const [column] = rows!.columns().values()
    return [...column!.read(user, user + 1)]
  }
  const [first, second] = readers as [number, number]
  const kept = skill(second)
  assert.ok(skill(first).some((value) => value !== 0))
  evictUsers(learner, Int32Array.of(first))
  assert.ok(skill(first).every((value) => value === 0))
  assert.deepEqual(skill(second), kept)
})
