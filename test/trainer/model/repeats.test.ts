// Where users choose the same items again and again, a model that may list them does better than popularity, lists what
// the user has, and measures itself among all items; without the setting nothing of it happens.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { Config } from '../../../src/config.ts'
import { addAction } from '../../../src/messages.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createRecommender } from '../../../src/trainer/lists/recommender.ts'
import { createLearner, type Learner } from '../../../src/trainer/model/learner.ts'
import { configOf } from '../stream.ts'

const users = 40
const items = 300
const events = 3_000
/** Items that a user comes back to. */
const favourites = 6

/** Most events are of the few items that the user always takes, all others of anything. */
function learned(flags: Record<string, unknown>): { learner: Learner; config: Config } {
  const config = configOf({
    factors: 4,
    effort: 'light',
    model: 'nbpr',
    probeUsersMax: 0,
    ...flags,
  })
  const learner = createLearner(config, createWasmEngine())
  const random = createRandom(5, 'shop')
  for (let event = 0; event < events; event++) {
    const user = random.below(users)
    const isUsual = random.unit() < 0.7
    const item = isUsual ? (user * 37 + random.below(favourites) * 11) % items : random.below(items)
    learner.apply(user, item, 1_700_000_000_000 + event * 60_000, addAction, 1)
  }
  return { learner, config }
}

function hitRatio({ prequential }: Learner, ranker: string): number {
  const { hits, events } = prequential.quality().last30[ranker]!
  return hits / events
}

function ownShare(learner: Learner): number {
  const { toUser } = createRecommender(learner)
  let own = 0
  for (let user = 0; user < users; user++) {
    for (const item of toUser(user, favourites, 1_700_300_000_000).items) {
      if (learner.positives.has(user, item)) own++
    }
  }
  return own / (users * favourites)
}

test('with repeats what users come back to is learned, listed and measured', (t) => {
  const { learner } = learned({ repeats: true })
  const measured = learner.prequential.quality().all.model!.events
  assert.ok(measured > 0.9 * events, `${measured} events were measured`)
  const [model, popularity] = [hitRatio(learner, 'model'), hitRatio(learner, 'popularity')]
  t.diagnostic(`HR@10 ${model.toFixed(3)}, popularity ${popularity.toFixed(3)}`)
  // Seven in ten are of six items that the user has.
  assert.ok(model > 0.65 && model > 2 * popularity, `${model} against ${popularity}`)
  assert.ok(ownShare(learner) > 0.8)
})

test('without repeats nothing that users have is listed, learned again or measured', () => {
  const { learner } = learned({})
  assert.equal(ownShare(learner), 0)
  assert.ok(learner.counts.repeats > 0.5 * events)
  assert.ok(learner.prequential.quality().all.model!.events < events - learner.counts.repeats + 1)
})

test('a repeated record, or one of before, is no new choice', () => {
  const learner = createLearner(configOf({ factors: 4, repeats: true }), createWasmEngine())
  const at = 1_700_000_000_000
  assert.equal(learner.apply(0, 1, at, addAction, 1), 'learned')
  assert.equal(learner.apply(0, 1, at, addAction, 1), 'nothing')
  assert.equal(learner.apply(0, 1, at - 1, addAction, 1), 'nothing')
  assert.equal(learner.apply(0, 1, at + 1, addAction, 1), 'learned')
  assert.equal(learner.counts.repeats, 2)
  assert.equal(learner.positives.count(0), 1)
})
