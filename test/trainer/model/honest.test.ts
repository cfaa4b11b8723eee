// The measures of the stream are worth something only if nothing of an event is known when it is predicted: a leak
// must show, and an event that changes nothing must not be counted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import type { Config } from '../../../src/config.ts'
import { addAction, removeAction, type TrainerBatch } from '../../../src/messages.ts'
import type { DrawBatch, Engine, UserBatch } from '../../../src/ports/engine.ts'
import { userStatesOf } from '../../../src/remember/user-states.ts'
import { type Core, createCore } from '../../../src/trainer/loop/core.ts'
import { createTrainerInPlace } from '../../../src/trainer/loop/in-place.ts'
import { configOf, coreOf, play, streamOf } from '../stream.ts'

const stream = streamOf(6_000)
const settings = { parts: 'history', model: 'nbpr', factors: 8, effort: 'light' }

function learned(config: Config, engine: Engine): Core {
  const core = createCore({ config, engine, versionBase: 0 })
  for (const batch of stream) {
    core.take(structuredClone(batch), 0)
    while (core.hasWork) core.turn(64, 0)
  }
  return core
}

/** The same users, each with one more item as the newest of the history. */
function withLeak(users: UserBatch, leaked: (k: number) => number): UserBatch {
  const items: number[] = []
  const ages: number[] = []
  const start = new Int32Array(users.count + 1)
  for (let k = 0; k < users.count; k++) {
    items.push(
      leaked(k),
      ...users.historyItems.subarray(users.historyStart[k], users.historyStart[k + 1]),
    )
    ages.push(0, ...users.historyAges.subarray(users.historyStart[k], users.historyStart[k + 1]))
    start[k + 1] = items.length
  }
  return {
    count: users.count,
    userRows: users.userRows,
    historyStart: start,
    historyItems: Int32Array.from(items),
    historyAges: Float32Array.from(ages),
    historyLength: users.historyLength.map((length) => length + 1),
  }
}

/** An engine that is shown the item itself: in learning the positive, in the test the first of the 101. */
function leakyEngine(): Engine {
  const honest = createWasmEngine()
  return {
    name: 'leaky',
    create(spec, seed) {
      const network = honest.create(spec, seed)
      return {
        ...network,
        step(batch: DrawBatch, updates) {
          const leaked = withLeak(batch, (k) => batch.positives[k]!)
          return network.step({ ...batch, ...leaked }, updates)
        },
        score(users, items, out) {
          if (items.length !== 101) network.score(users, items, out)
          else
            network.score(
              withLeak(users, () => items[0]!),
              items,
              out,
            )
        },
      }
    },
  }
}

const hitRate = (core: Core): number => {
  const { model } = core.stats(true).quality.last30
  assert.ok(model!.events > 1_000)
  return model!.hits / model!.events
}

test('a history that holds the item itself makes the hit rate jump', () => {
  const honest = hitRate(learned(configOf(settings), createWasmEngine()))
  const leaky = hitRate(learned(configOf(settings), leakyEngine()))
  assert.ok(leaky > honest + 0.15, `honest ${honest}, with the leak ${leaky}`)
})

test('a hidden layer hides no leak', () => {
  const bent = { ...settings, effort: 'full' }
  const honest = learned(configOf(bent), createWasmEngine())
  assert.ok(honest.learner.preference.names.includes('hidden-layer'))
  const leaky = hitRate(learned(configOf(bent), leakyEngine()))
  assert.ok(leaky > hitRate(honest) + 0.15, `honest ${hitRate(honest)}, with the leak ${leaky}`)
})

test('the worker as it is beats popularity on a world with shared tastes', () => {
  const core = learned(configOf({ factors: 8, effort: 'light' }), createWasmEngine())
  const { model, popularity } = core.stats(true).quality.last30
  assert.ok(model!.hits > 1.1 * popularity!.hits, `${model!.hits}, ${popularity!.hits}`)
})

const one = (user: number, item: number, time: number, action: number): TrainerBatch => ({
  ...{ stream: 's', snapshot: false, nextOffset: 0, newUsers: [], newItems: [] },
  users: Int32Array.of(user),
  items: Int32Array.of(item),
  times: Float64Array.of(time),
  actions: Uint8Array.of(action),
  offsets: Float64Array.of(0),
  forgotten: new Int32Array(0),
  dead: {},
  skipped: {},
})

test('repeats of a whole stream are neither scored nor learned again, and change no set', () => {
  const core = coreOf(configOf(settings))
  play(core, stream.slice(0, 20))
  const before = core.snapshot(1)
  const scored = core.stats(true).quality.all.model!.events
  play(core, stream.slice(0, 20))
  const after = core.snapshot(1)
  assert.equal(core.stats(true).quality.all.model!.events, scored)
  assert.deepEqual([...userStatesOf(after)], [...userStatesOf(before)])
  for (const [name, { data }] of before.tensors) {
    if (!/^(history|fusion|neighbours|trend|window|random)/.test(name)) continue
    assert.deepEqual(after.tensors.get(name)!.data, data, name)
  }
})

test('an addition older than its removal is not scored, learned or withheld', () => {
  const core = coreOf(configOf(settings))
  play(core, stream.slice(0, 20))
  const { events } = core.stats(true).quality.all.model!
  const [user, item] = [3, 5]
  play(core, [one(user, item, 9e12, removeAction)])
  for (let time = 1; time < 30; time++) play(core, [one(user, item, 8e12 + time, addAction)])
  assert.equal(core.learner.positives.has(user, item), false)
  assert.equal(core.stats(true).quality.all.model!.events, events)
})

test('a user who is forgotten and comes back starts anew', () => {
  const core = coreOf(configOf(settings))
  play(core, stream.slice(0, 20))
  const user = 3
  assert.ok(core.learner.positives.count(user) > 0)
  const forgetting = { ...one(0, 0, 1, addAction), ...empty(), forgotten: Int32Array.of(user) }
  play(core, [forgetting])
  assert.deepEqual(core.takeForgotten(), [{ user, evictions: 0 }])
  assert.equal(core.learner.positives.holdsAny(user), false)
  const [list] = play(core, [one(user, 7, 9e12, addAction)])
  assert.equal(list!.user, user)
  assert.equal(core.learner.positives.count(user), 1)
})

function empty() {
  const none = new Int32Array(0)
  const columns = {
    times: new Float64Array(0),
    actions: new Uint8Array(0),
    offsets: new Float64Array(0),
  }
  return { users: none, items: none, ...columns }
}

test('the null for a forgotten user goes out before the list of a user who came back in the same round', async () => {
  const told: string[] = []
  const trainer = createTrainerInPlace({
    ...{ config: configOf({ ...settings, turnEvents: 10_000 }), engine: createWasmEngine() },
    ...{ checkpoints: undefined, nextGeneration: 1, versionBase: 0, nowMs: () => 0 },
    report(report) {
      if (report.kind === 'forgotten') told.push(...[...report.users].map((user) => `bye ${user}`))
      if (report.kind === 'lists') told.push(...report.lists.map(({ user }) => `list ${user}`))
    },
  })
  for (const batch of stream.slice(0, 3)) await trainer.offer(structuredClone(batch))
  const forgetting = { ...one(0, 0, 1, addAction), ...empty(), forgotten: Int32Array.of(3) }
  await trainer.offer(forgetting)
  await trainer.offer(one(3, 7, 9e12, addAction))
  await trainer.drain()
  const about = told.filter((line) => line.endsWith(' 3'))
  assert.deepEqual(about, ['bye 3', 'list 3'])
})
