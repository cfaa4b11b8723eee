// What goes out.

import { setting } from './setting.ts'

export const lists = {
  sink: setting.text({
    env: 'NEUPR_SINK',
    default: 'file:-',
    help: 'where lists go: file:PATH (- for stdout) or kafka:TOPIC',
  }),
  k: setting.integer({
    env: 'NEUPR_K',
    default: 10,
    min: 1,
    max: 1_000,
    unit: 'items',
    help: 'length of a list',
  }),
  listsWaitingMax: setting.integer({
    env: 'NEUPR_LISTS_WAITING_MAX',
    default: 10_000,
    min: 1,
    max: 10_000_000,
    unit: 'lists',
    help: 'when more wait for a slow sink, only the newest list of each user is kept',
  }),
  listPauseMs: setting.integer({
    env: 'NEUPR_LIST_PAUSE_MS',
    default: 100,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    help: 'pause between two lists of one user, so that a burst gives one; events are committed after their list',
  }),
  listStaleEvents: setting.integer({
    env: 'NEUPR_LIST_STALE_EVENTS',
    default: 100_000,
    min: 1_000,
    max: 1_000_000_000,
    unit: 'events',
    help: 'a list is ranked again, while nothing waits, when the model has learned this many events since',
  }),
  listStaleActiveDays: setting.integer({
    env: 'NEUPR_LIST_STALE_ACTIVE_DAYS',
    default: 30,
    min: 1,
    max: 36_500,
    unit: 'days',
    help: 'that is done only for users whose newest event is at most so much older than the newest of all',
  }),
  turnEvents: setting.integer({
    env: 'NEUPR_TURN_EVENTS',
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'events',
    help: 'events learned between two rounds of ranking',
  }),
} as const
