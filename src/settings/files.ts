// How events are read from files and standard input.

import { setting } from './setting.ts'

export const files = {
  format: setting.choice({
    env: 'NEUPR_FORMAT',
    default: 'auto',
    of: ['auto', 'ndjson', 'tsv', 'csv', 'movielens'],
    help: "what a file's lines are; auto goes by the name's ending and the first line",
  }),
  follow: setting.flag({
    env: 'NEUPR_FOLLOW',
    default: false,
    help: 'wait for more at the end of the file, through rotation and truncation, as tail -F does',
  }),
  rate: setting.decimal({
    env: 'NEUPR_RATE',
    default: 0,
    min: 0,
    max: 10_000_000,
    unit: 'events/s',
    help: 'read a file no faster than this; 0: as fast as the worker takes it',
  }),
  speed: setting.factor({
    env: 'NEUPR_SPEED',
    default: 0,
    min: 0,
    max: 1_000_000_000,
    unit: 'times real time',
    help: 'replay a file by its event times, so many times faster; 0: as fast as the worker takes it',
  }),
  unackedBatchesMax: setting.integer({
    env: 'NEUPR_UNACKED_BATCHES_MAX',
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'batches',
    help: 'batches a file source gives ahead of those that are safe in store and queue',
  }),
} as const
