// How events are read from files and standard input.

import { setting } from './setting.ts'

export const files = {
  format: setting.choice({
    env: 'NEUPR_FORMAT',
    default: 'auto',
    of: ['auto', 'ndjson', 'json', 'tsv', 'csv', 'movielens', 'spaces'],
    help:
      'format of a file; json: one array, or objects over several lines; csv: , ; | or tab; movielens: ::; auto: ' +
      'what most of the first lines look like',
  }),
  encoding: setting.choice({
    env: 'NEUPR_ENCODING',
    default: 'auto',
    of: ['auto', 'utf-8', 'utf-16le', 'utf-16be', 'latin1'],
    help: 'encoding of text; auto: UTF-8, or UTF-16 by its byte order mark',
  }),
  follow: setting.flag({
    env: 'NEUPR_FOLLOW',
    default: false,
    help: 'wait for more at the end of a file, through rotation and truncation, as tail -F does; not if compressed',
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
    help: 'replay a file by its event times, this many times faster; 0: as fast as the worker takes it',
  }),
  unackedBatchesMax: setting.integer({
    env: 'NEUPR_UNACKED_BATCHES_MAX',
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'batches',
    help: 'batches that are read from a file ahead of those that are safe in the store and the queue',
  }),
} as const
