// Names, meanings and bounds of the metrics, and that they follow what they are given.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindNames, parseActions } from '../src/consume/mapping/spec/actions.ts'
import { rankers, segments, type TrainerStats } from '../src/messages.ts'
import { readState } from '../src/metrics/state.ts'
import { createMetrics, Registry } from '../src/metrics.ts'
import { conditionNames } from '../src/ports/status.ts'
import { partNames } from '../src/settings/learning.ts'
import { deadLetterReasons, skipReasons } from '../src/types.ts'

const options = { version: '1.2.3', engine: 'arrays', model: 'neupr', now: () => 5_000 }

function stats(change: Partial<TrainerStats> = {}): TrainerStats {
  const sums = { events: 100, hits: 25, ndcg: 12.5 }
  const byRanker = Object.fromEntries(rankers.map((ranker) => [ranker, sums]))
  return {
    events: 1_000,
    repeats: 10,
    removals: 5,
    users: 50,
    items: 70,
    positives: 900,
    earlierItems: 40,
    itemsForgotten: 2,
    excessEvents: 4,
    steps: 2_000,
    triplets: 64_000,
    loss: 0.42,
    drawsRejected: 30,
    usersSaturated: 1,
    learningShare: 0.6,
    learningSeconds: 0.6,
    listsRanked: 400,
    listsUnchanged: 100,
    listsLate: 3,
    listsWithdrawn: 6,
    itemsUnlisted: 9,
    debtEvents: 12,
    debtGivenUp: 3,
    shedShare: 0.25,
    queuedEvents: 8,
    modelVersion: 77,
    bytes: 1_000_000,
    newItemsUnscored: 0,
    leftOutUnscored: 0,
    quality: Object.fromEntries(
      segments.map((segment) => [segment, byRanker]),
    ) as unknown as TrainerStats['quality'],
    forgetting: { before: 0.3, after: 0.25, users: 200 },
    dead: {},
    skipped: {},
    weights: Object.fromEntries(partNames.map((part, at) => [part, 0.1 * at])),
    ...change,
  }
}

async function lines(registry: Registry): Promise<string[]> {
  const text = await registry.metrics()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

test('every metric says what it means, with a name that Prometheus users expect', async () => {
  const registry = new Registry()
  createMetrics(registry, { ...options, process: false })
  for (const { name, help, type } of await registry.getMetricsAsJSON()) {
    assert.match(name, /^neupr_[a-z][a-z0-9_]*$/)
    assert.ok(help.length > 8, `${name}: ${help}`)
    assert.equal(name.endsWith('_total'), String(type) === 'counter', `${name} is a ${type}`)
    if (String(type) === 'histogram') assert.match(name, /_seconds$/)
  }
})

test('with everything in use there are fewer than 500 series, whatever comes from outside', async () => {
  const registry = new Registry()
  const metrics = createMetrics(registry, options)
  metrics.observeTrainer(stats())
  for (const operation of ['apply', 'forget', 'read', 'scan', 'other'] as const) {
    metrics.redisSeconds.of(operation).observe(0.01)
  }
  for (const operation of ['fetch', 'produce', 'commit', 'other'] as const) {
    metrics.kafkaSeconds.of(operation).observe(0.01)
  }
  for (const name of [...conditionNames, 'other'] as const) metrics.failing.of(name).set(0)
  for (const of of ['median', 'oldest'] as const) metrics.listAgeSeconds.of(of).set(1)
  for (let k = 0; k < 10_000; k++) {
    metrics.deadLettered.from(`reason ${k}`).add()
    metrics.skipped.from(`user ${k}`).add()
    metrics.listsPublished.from(`source ${k}`).add()
  }
  const unknown = Object.fromEntries(Array.from({ length: 100 }, (_, k) => [`part${k}`, k]))
  metrics.observeTrainer(stats({ weights: unknown }))
  const found = await lines(registry)
  assert.ok(found.length < 500, `${found.length} series`)
  assert.ok(found.some((line) => line === 'neupr_events_skipped_total{reason="other"} 10000'))
})

test('the reasons are the closed lists of the types, there from the start', async () => {
  const registry = new Registry()
  createMetrics(registry, { ...options, process: false })
  const found = await lines(registry)
  for (const reason of deadLetterReasons) {
    assert.ok(found.includes(`neupr_events_dead_lettered_total{reason="${reason}"} 0`), reason)
  }
  for (const reason of skipReasons) {
    assert.ok(found.includes(`neupr_events_skipped_total{reason="${reason}"} 0`), reason)
  }
})

test('events are counted by the actions that settings name, all others together', async () => {
  const registry = new Registry()
  const faults: string[] = []
  const rules = parseActions('view=add:0.2:listable,refund=remove,ping=skip,*=add', '', '', faults)
  const kinds = kindNames(rules)
  assert.deepEqual([kinds, faults], [['view', 'refund', 'ADD', 'REMOVE', '*'], []])
  assert.deepEqual(kindNames(parseActions('', '', '', faults)), [])
  const metrics = createMetrics(registry, { ...options, kinds, process: false })
  metrics.kinds.from('view').add(3)
  metrics.kinds.from('*').add(2)
  metrics.kinds.from('never named').add()
  const found = await lines(registry)
  for (const line of ['view"} 3', '*"} 2', 'refund"} 0', 'other"} 1']) {
    assert.ok(found.includes(`neupr_events_by_action_total{action="${line}`), line)
  }
  assert.ok(!found.some((line) => line.includes('ping') || line.includes('never named')))
})

test('the first report of the trainer is the base of its counters, a fall is a new base', async () => {
  const registry = new Registry()
  const metrics = createMetrics(registry, { ...options, process: false })
  const total = async () =>
    (await lines(registry)).find((line) => line.startsWith('neupr_training_steps_total'))
  metrics.observeTrainer(stats({ steps: 2_000 }))
  assert.equal(await total(), 'neupr_training_steps_total 0')
  metrics.observeTrainer(stats({ steps: 2_100 }))
  metrics.observeTrainer(stats({ steps: 500 }))
  metrics.observeTrainer(stats({ steps: 520 }))
  metrics.observeTrainer(stats({ steps: Number.NaN }))
  assert.equal(await total(), 'neupr_training_steps_total 120')
})

test('quality is a ratio of what was scored, and absent where nothing was', async () => {
  const registry = new Registry()
  const metrics = createMetrics(registry, { ...options, process: false })
  const empty = { events: 0, hits: 0, ndcg: 0 }
  const quality = { ...stats().quality, cold: { model: empty } }
  metrics.observeTrainer(stats({ quality, forgetting: { before: 0, after: 0, users: 0 } }))
  const found = await lines(registry)
  assert.ok(found.includes('neupr_prequential_hit_ratio{ranker="model",segment="all"} 0.25'))
  assert.ok(found.includes('neupr_prequential_ndcg{ranker="itemKnn",segment="warm"} 0.125'))
  assert.ok(!found.some((line) => /hit_ratio\{.*cold/.test(line) || /forgetting_hit/.test(line)))
  assert.ok(found.includes('neupr_trainer_heartbeat_timestamp_seconds 5'))
  assert.ok(found.includes('neupr_part_weight{part="neighbours"} 0.2'))
})

test('what runs is told by an info metric', async () => {
  const registry = new Registry()
  createMetrics(registry, { ...options, process: false })
  const [info] = (await lines(registry)).filter((line) => line.startsWith('neupr_build_info'))
  assert.match(info ?? '', /version="1.2.3",engine="arrays",model="neupr",node="v\d+.*"} 1$/)
})

test('the state that the page shows is what the metrics say, and the books balance', async () => {
  const registry = new Registry()
  const metrics = createMetrics(registry, { ...options, process: false })
  metrics.consumed.add(10)
  metrics.applied.add(6)
  metrics.forgotten.add()
  metrics.deadLettered.of('not_json').add(2)
  metrics.skipped.from('never heard of').add()
  for (const seconds of [0.3, 0.1, 0.2]) metrics.toPublished.observe(seconds)
  metrics.listsPublished.of('POPULAR').add(3)
  const conditions = [
    { name: 'store', ok: false, detail: 'no answer for 12 s' },
    { name: 'source', ok: true, detail: 'reading' },
  ]
  const gate = { enabled: true, paused: true, detail: 'below popularity' }
  const told = {
    ...options,
    startedAt: 1,
    finishedAt: undefined,
    now: 5_000,
    live: true,
    catchUp: undefined,
    conditions,
    gate,
    trainer: undefined,
    group: undefined,
    recentUsers: [],
  }
  const state = readState(metrics, told)
  const { consumed, applied, forgotten, deadLettered, skipped } = state.books
  assert.equal(consumed, applied + forgotten + deadLettered + skipped)
  assert.deepEqual(state.freshness, { applied: undefined, learned: undefined, published: 0.2 })
  assert.equal(state.checkpoint, undefined)
  assert.deepEqual([state.lists.popular, state.lagRecords], [3, undefined])
  const found = await lines(registry)
  assert.ok(found.includes('neupr_condition_failing{condition="store"} 1'))
  assert.ok(found.includes('neupr_ready 0') && found.includes('neupr_gate_paused 1'))
})
