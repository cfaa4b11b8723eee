// Metrics of a worker in which everything has happened, twice, so that rates and ratios have values.

import { operations, refusals } from '../../src/adapters/http/api/routes.ts'
import { readState } from '../../src/metrics/state.ts'
import { createMetrics, type Metrics, Registry } from '../../src/metrics.ts'
import { conditionNames } from '../../src/ports/status.ts'
import { deadLetterReasons, gateReasons, skipReasons } from '../../src/types.ts'
import { createFeed, type Feed } from '../adapters/http/feed.ts'

export interface Lively {
  readonly registry: Registry
  readonly metrics: Metrics
  readonly feed: Feed
  /** One more second in the life of the worker. */
  live(): void
}

export function createLively(now: () => number): Lively {
  const registry = new Registry()
  const options = { version: '0.1.0', engine: 'arrays', model: 'neupr', now }
  const metrics = createMetrics(registry, options)
  const feed = createFeed()

  function live(): void {
    feed.tick += 1
    const state = feed.state()
    if (state.trainer !== undefined) metrics.observeTrainer(state.trainer)
    input(metrics)
    shared(metrics)
    output(metrics, now())
    const { conditions, gate } = state
    readState(metrics, { ...options, ...state, now: now(), startedAt: 0, conditions, gate })
  }
  live()
  live()
  return { registry, metrics, feed, live }
}

function input(metrics: Metrics): void {
  metrics.consumed.add(100)
  metrics.applied.add(90)
  metrics.forgotten.add(1)
  metrics.overCapacity.add(1)
  metrics.evictedUsers.add(1)
  metrics.evictedItems.add(1)
  for (const reason of deadLetterReasons) metrics.deadLettered.of(reason).add()
  for (const reason of skipReasons) metrics.skipped.of(reason).add()
  for (const says of ['available', 'unavailable', 'gone', 'refused'] as const) {
    metrics.itemRecords.of(says).add(5)
  }
  metrics.itemsUnkept.add(1)
  metrics.kinds.of('other').add(3)
  metrics.lagRecords.set(20)
  metrics.lagSeconds.set(0.2)
  metrics.historyLeft.set(1_200)
  metrics.historyShare.set(0.43)
  metrics.toApplied.observe(0.01)
  metrics.toLearned.observe(0.06)
  metrics.toPublished.observe(0.13)
  metrics.rebalances.add()
  for (const operation of ['apply', 'forget', 'read', 'scan'] as const) {
    metrics.redisSeconds.of(operation).observe(0.002)
  }
  for (const operation of ['fetch', 'produce', 'append', 'commit'] as const) {
    metrics.kafkaSeconds.of(operation).observe(0.004)
  }
}

function shared({ updates }: Metrics): void {
  updates.appended.add(2)
  updates.appendedBytes.add(90_000)
  updates.read.add(6)
  updates.readBytes.add(270_000)
  const reasons = ['repeated', 'not_owner', 'out_of_order', 'unreadable', 'other_model'] as const
  for (const reason of reasons) updates.passedOver.of(reason).add()
  updates.unknownItems.add(1)
  updates.behind.set(3)
  updates.share.set(1)
  updates.workers.set(3)
  updates.baseTime.set(1)
  updates.checkpointKept.set(40_000)
}

function output(metrics: Metrics, now: number): void {
  metrics.listsPublished.of('PERSONAL').add(50)
  metrics.listsPublished.of('POPULAR').add(2)
  metrics.listsEverybody.add(2)
  metrics.listsForgotten.add()
  for (const operation of operations) metrics.apiSeconds.of(operation).observe(0.003)
  for (const reason of refusals) metrics.apiRefused.of(reason).add()
  metrics.listAgeSeconds.of('median').set(30)
  metrics.listAgeSeconds.of('oldest').set(900)
  metrics.coverage.set(0.4)
  metrics.overlap.set(0.1)
  metrics.spreadUsers.set(1_024)
  for (const reason of gateReasons) {
    metrics.gateHolds.of(reason).add()
    metrics.gateRollbacks.of(reason).add()
  }
  for (const condition of conditionNames) metrics.failing.of(condition).set(0)
  metrics.checkpointTime.set(now / 1_000)
  metrics.checkpointBytes.set(6e7)
  metrics.checkpointWritten.add(4e6)
  metrics.checkpointPause.set(0.012)
  metrics.checkpointSeconds.set(0.4)
  metrics.checkpointGeneration.set(41)
  metrics.checkpointFailures.add()
}
