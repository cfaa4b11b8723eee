// Every metric of the worker, with its meaning and unit (those of the trainer in metrics/trainer.ts). Dashboards
// and alerts use these names and no others. No label holds an id, a topic or a text from outside.

import {
  addProcessMetrics,
  buckets,
  createInstruments,
  type Instruments,
  Registry,
} from './metrics/instruments.ts'
import { outputMetrics } from './metrics/output.ts'
import { trainerMetrics } from './metrics/trainer.ts'
import { updateMetrics } from './metrics/updates.ts'
import { conditionNames } from './ports/status.ts'
import { deadLetterReasons, skipReasons } from './types.ts'

export type { Count, Family, Level, Spans } from './metrics/instruments.ts'
export { Registry }

export interface MetricsOptions {
  readonly version: string
  readonly engine: string
  readonly model: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Names of actions that are counted apart; left out: none is. */
  readonly kinds?: readonly string[]
  /** Node's own metrics too; they keep a sampling handle, so tests leave them out. */
  readonly process?: boolean
}

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics(registry: Registry, options: MetricsOptions) {
  const make = createInstruments(registry)
  if (options.process ?? true) addProcessMetrics(registry)
  make.info('neupr_build_info', 'Always 1; the labels say what runs', {
    version: options.version,
    engine: options.engine,
    model: options.model,
    node: process.version,
  })
  const trainer = trainerMetrics(make, options.now)
  const main = {
    ...inputMetrics(make, options.kinds ?? []),
    ...itemFeedMetrics(make),
    ...lagMetrics(make),
    ...outputMetrics(make),
    ...stateMetrics(make),
  }
  return { ...main, ...trainer, updates: updateMetrics(make) }
}

/** consumed = applied + forgotten + dead-lettered + skipped, once all that was read is done. */
function inputMetrics(make: Instruments, kinds: readonly string[]) {
  return {
    consumed: make.count('neupr_events_consumed_total', 'Records read from the input'),
    applied: make.count(
      'neupr_events_applied_total',
      'Records whose events are safe in the positive store',
    ),
    overCapacity: make.count(
      'neupr_events_unplaced_total',
      'Events stored but not learned, because --users-max or --items-max left no room for their user or item',
    ),
    evictedUsers: make.count(
      'neupr_users_evicted_total',
      'Users that the model dropped, idle for longest first, to make room at --users-max',
    ),
    evictedItems: make.count(
      'neupr_items_evicted_total',
      'Items that the model dropped, idle for longest first, to make room at --items-max',
    ),
    forgotten: make.count('neupr_events_forgotten_total', 'Records that asked to forget a user'),
    deadLettered: make.counts(
      'neupr_events_dead_lettered_total',
      'Records written to the dead letters, by reason',
      'reason',
      deadLetterReasons,
    ),
    skipped: make.counts(
      'neupr_events_skipped_total',
      'Records skipped because they ask for nothing, by reason',
      'reason',
      skipReasons,
    ),
    kinds: make.counts(
      'neupr_events_by_action_total',
      'Interactions by the name of their action, where --actions names any; a record may hold several',
      'action',
      kinds,
    ),
  }
}

function itemFeedMetrics(make: Instruments) {
  return {
    itemRecords: make.counts(
      'neupr_item_records_total',
      'Records of the item feed, by what they say about their item',
      'says',
      ['available', 'unavailable', 'gone', 'refused'],
    ),
    itemsUnkept: make.count(
      'neupr_items_unkept_total',
      'Item records whose state could not be kept: --item-states-max was reached',
    ),
  }
}

/** How far the work is behind the input, and what each step of it takes. */
function lagMetrics(make: Instruments) {
  const path = (to: string, help: string) =>
    make.spans(
      `neupr_event_to_${to}_seconds`,
      `Seconds from reading a record until ${help}`,
      buckets.path,
    )
  return {
    lagRecords: make.level('neupr_lag_records', 'Records waiting in the input'),
    lagSeconds: make.level(
      'neupr_lag_seconds',
      'Age of the newest applied event when it was applied, in seconds; 0 when nothing waits, and for files',
    ),
    historyLeft: make.level(
      'neupr_history_left_records',
      'Records of the backlog that are still to be read; its lists follow when all are',
    ),
    historyShare: make.level(
      'neupr_history_read_ratio',
      'Share of the backlog that has been read; 1 when there is none',
    ),
    toApplied: path('applied', 'its batch is in the positive store, once a batch'),
    toLearned: path('learned', 'its batch is remembered and learned, once a batch'),
    toPublished: path('published', "the user's list that reflects it is written, once a list"),
    rebalances: make.count('neupr_kafka_rebalances_total', 'Rebalances of the consumer group'),
    redisSeconds: make.requests('neupr_redis_request_seconds', 'Seconds a Redis pipeline took', [
      'apply',
      'forget',
      'read',
      'scan',
    ]),
    kafkaSeconds: make.requests('neupr_kafka_request_seconds', 'Seconds a Kafka request took', [
      'fetch',
      'produce',
      'append',
      'commit',
    ]),
  }
}

function stateMetrics(make: Instruments) {
  return {
    ready: make.level('neupr_ready', '1 while every condition of /readyz holds, else 0'),
    failing: make.levels(
      'neupr_condition_failing',
      '1 while this condition of /readyz fails, else 0',
      'condition',
      conditionNames,
    ),
    checkpointTime: make.level(
      'neupr_checkpoint_saved_timestamp_seconds',
      'When the newest checkpoint was completed, or last found to be up to date, in seconds since the epoch',
    ),
    checkpointBytes: make.level(
      'neupr_checkpoint_bytes',
      'Size of the newest checkpoint, including the older ones that it builds on',
    ),
    checkpointWritten: make.count(
      'neupr_checkpoint_written_bytes_total',
      'Bytes written for checkpoints since the start',
    ),
    checkpointSeconds: make.level(
      'neupr_checkpoint_seconds',
      'Seconds that writing the newest checkpoint took',
    ),
    checkpointPause: make.level(
      'neupr_checkpoint_pause_seconds',
      'Longest time that the newest checkpoint kept the trainer from learning',
    ),
    checkpointGeneration: make.level(
      'neupr_checkpoint_generation',
      'Number of the newest checkpoint',
    ),
    checkpointFailures: make.count(
      'neupr_checkpoint_failures_total',
      'Checkpoints that could not be written',
    ),
  }
}
