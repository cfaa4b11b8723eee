// What goes out, and what may be in it, apart from what users have: a feed with a record for each item.

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
  everybodyKey: setting.text({
    env: 'NEUPR_EVERYBODY_KEY',
    default: '',
    max: 256,
    help: 'key of the popular list, for readers to show to users without a list; no user may have it; empty: none',
  }),
  listsWaitingMax: setting.integer({
    env: 'NEUPR_LISTS_WAITING_MAX',
    default: 10_000,
    min: 1,
    max: 10_000_000,
    unit: 'lists',
    help: 'lists that may wait for a slow sink; beyond that, only the newest list of each user is kept',
  }),
  listPauseMs: setting.integer({
    env: 'NEUPR_LIST_PAUSE_MS',
    default: 100,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    help: 'shortest time between two lists of one user, so that a burst of events gives one; commits wait for it, too',
  }),
  listStaleEvents: setting.integer({
    env: 'NEUPR_LIST_STALE_EVENTS',
    default: 100_000,
    min: 1_000,
    max: 1_000_000_000,
    unit: 'events',
    help: 'a list is ranked again, when there is time, after the model has learned this many events since',
  }),
  listStaleActiveDays: setting.integer({
    env: 'NEUPR_LIST_STALE_ACTIVE_DAYS',
    default: 30,
    min: 1,
    max: 36_500,
    unit: 'days',
    help: 'only for users whose newest event is at most this much older than the newest event of all',
  }),
  rankThreads: setting.integer({
    env: 'NEUPR_RANK_THREADS',
    default: 0,
    min: 0,
    max: 32,
    unit: 'threads',
    help: 'threads beside the trainer that share each list over 20,000 items or more; any number gives the same lists',
  }),
  turnEvents: setting.integer({
    env: 'NEUPR_TURN_EVENTS',
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'events',
    help: 'events learned between two rounds of ranking at most; without --deterministic fewer where they take long',
  }),
} as const

export const items = {
  repeats: setting.flag({
    env: 'NEUPR_REPEATS',
    default: false,
    help: 'items that a user has may be listed again, as for groceries or music; learning and measuring follow',
  }),
  items: setting.text({
    env: 'NEUPR_ITEMS',
    default: '',
    help:
      'what may be listed: file:PATH or kafka:TOPIC with a record an item (item, available, from, until), null: the ' +
      'item is gone; empty: every item',
  }),
  itemColumns: setting.text({
    env: 'NEUPR_ITEM_COLUMNS',
    default: '',
    help:
      'item=sku,available=stock.count,from=launch,until=end: fields of the item feed, as in columns; empty: usual ' +
      'names',
  }),
  itemForm: setting.choice({
    env: 'NEUPR_ITEM_FORM',
    default: 'auto',
    of: ['auto', 'confluent', 'avro', 'json'],
    help: 'form of the values in the topic of the item feed; auto: confluent with a registry, else avro',
  }),
  unnamedItems: setting.choice({
    env: 'NEUPR_UNNAMED_ITEMS',
    default: 'listed',
    of: ['listed', 'unlisted'],
    help: 'items that the feed has never named: listed; or unlisted, for a feed that names the whole catalogue',
  }),
  itemStatesMax: setting.integer({
    env: 'NEUPR_ITEM_STATES_MAX',
    default: 1_000_000,
    min: 1,
    max: 20_000_000,
    unit: 'items',
    help: 'most items whose state in the feed is kept; those whose state is that of unnamed items need no place',
  }),
} as const
