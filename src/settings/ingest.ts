// What comes in, and the bounds on it.

import { setting } from './setting.ts'

export const ingest = {
  source: setting.text({
    env: 'NEUPR_SOURCE',
    default: 'file:-',
    help: 'where events come from: file:PATH (a path, a glob, or - for stdin) or kafka:TOPIC',
  }),
  deadLetters: setting.text({
    env: 'NEUPR_DEAD_LETTERS',
    default: '',
    help: 'where unusable records go: file:PATH or kafka:TOPIC; empty: beside the sink',
  }),
  recordBytesMax: setting.integer({
    env: 'NEUPR_RECORD_BYTES_MAX',
    default: 65_536,
    min: 64,
    max: 16_777_216,
    unit: 'bytes',
    help: 'a larger record is not decoded but dead-lettered',
  }),
  idBytesMax: setting.integer({
    env: 'NEUPR_ID_BYTES_MAX',
    default: 256,
    min: 1,
    max: 4_096,
    unit: 'bytes',
    help: 'longest user or item id, in UTF-8',
  }),
  futureMsMax: setting.integer({
    env: 'NEUPR_FUTURE_MS_MAX',
    default: 300_000,
    min: 0,
    max: 31_536_000_000,
    unit: 'ms',
    help: 'how far ahead of the clock an event time may be before it is refused',
  }),
  batchRecordsMax: setting.integer({
    env: 'NEUPR_BATCH_RECORDS_MAX',
    default: 500,
    min: 1,
    max: 10_000,
    unit: 'records',
    help: 'most records in one batch from a source',
  }),
  batchesInFlightMax: setting.integer({
    env: 'NEUPR_BATCHES_IN_FLIGHT_MAX',
    default: 4,
    min: 1,
    max: 1_000,
    unit: 'batches',
    help: 'batches, each of another partition, that are written to the store at the same time',
  }),
  queueEventsMax: setting.integer({
    env: 'NEUPR_QUEUE_EVENTS_MAX',
    default: 20_000,
    min: 1,
    max: 10_000_000,
    unit: 'events',
    help: 'events that may wait for the trainer before reading pauses',
  }),
  backlogAge: setting.integer({
    env: 'NEUPR_BACKLOG_AGE',
    default: 30,
    min: 1,
    max: 86_400,
    unit: 'seconds',
    help: 'records that waited for longer are a backlog, as are all at a first start; its lists come at its end',
  }),
  usersMax: setting.integer({
    env: 'NEUPR_USERS_MAX',
    default: 2_000_000,
    min: 1,
    max: 100_000_000,
    unit: 'users',
    help: 'most users in the model; beyond that, new users replace those who were idle for longest',
  }),
  itemsMax: setting.integer({
    env: 'NEUPR_ITEMS_MAX',
    default: 1_000_000,
    min: 1,
    max: 20_000_000,
    unit: 'items',
    help: 'most items in the model; beyond that, new items replace those that were idle for longest',
  }),
  positivesPerUserMax: setting.integer({
    env: 'NEUPR_POSITIVES_PER_USER_MAX',
    default: 5_000,
    min: 1,
    max: 1_000_000,
    unit: 'items',
    help: "most items in a user's positive set: the newest are kept, to learn from and as the user's history",
  }),
  earlierItemsPerUserMax: setting.integer({
    env: 'NEUPR_EARLIER_ITEMS_PER_USER_MAX',
    default: 20_000,
    min: 0,
    max: 10_000_000,
    unit: 'items',
    help: 'items of a user that are remembered beyond the positive set, so that they are not recommended again',
  }),
} as const

interface Bounds {
  readonly positivesPerUserMax: number
  readonly earlierItemsPerUserMax: number
  readonly removalsPerUserMax: number
}

/** What the positive store keeps of each user: the positive set and the earlier items come from the same additions. */
export function storeLimits(bounds: Bounds) {
  return {
    added: bounds.positivesPerUserMax + bounds.earlierItemsPerUserMax,
    removed: bounds.removalsPerUserMax,
  }
}
