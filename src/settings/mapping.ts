// Which field of a record means what, whatever the source: told once, obeyed by every command that reads events.

import { setting } from './setting.ts'

export const shapeNames = [
  'segment',
  'rudderstack',
  'cloudevents',
  'debezium',
  'connect',
  'ga4',
  'snowplow',
  'recbole',
  'otto',
] as const
export type ShapeName = (typeof shapeNames)[number]

export const timeUnits = ['auto', 's', 'ms', 'us', 'ns'] as const
export type TimeUnit = (typeof timeUnits)[number]

export const mapping = {
  columns: setting.text({
    env: 'NEUPR_COLUMNS',
    default: '',
    help:
      'user=uid,item=items[].sku,timestamp=@timestamp,action=type,rating=stars: a column by name or number from 1, a ' +
      'path into JSON or Avro, @key, @timestamp, @header.NAME or @line; empty: usual names',
  }),
  shape: setting.choice({
    env: 'NEUPR_SHAPE',
    default: 'none',
    of: ['none', ...shapeNames],
    help: 'a widely used form of events, which sets columns and actions; --columns may add to it',
  }),
  actions: setting.text({
    env: 'NEUPR_ACTIONS',
    default: '',
    help:
      "'purchase=add,view=add:0.2:listable,unlike=remove,*=skip': what each action does; a weight in (0, 1] scales " +
      'what an event teaches, a listable one leaves its item in lists; empty: ADD and REMOVE alone',
  }),
  measureActions: setting.text({
    env: 'NEUPR_MEASURE_ACTIONS',
    default: '',
    help: "actions whose events are predicted and measured, as in 'purchase,cart'; empty: all that add an item",
  }),
  ratingMin: setting.decimalOr('any', {
    env: 'NEUPR_RATING_MIN',
    default: 'any',
    min: -1_000_000,
    max: 1_000_000,
    help: 'events with a lower rating are skipped and counted',
  }),
  timeUnit: setting.choice({
    env: 'NEUPR_TIME_UNIT',
    default: 'auto',
    of: timeUnits,
    help: 'unit of numeric times; auto: judged by their size, record by record',
  }),
  timeZone: setting.text({
    env: 'NEUPR_TIME_ZONE',
    default: 'UTC',
    max: 64,
    help: 'time zone of times that name none: UTC, +02:00 or Europe/Berlin',
  }),
  timeFormat: setting.text({
    env: 'NEUPR_TIME_FORMAT',
    default: '',
    max: 128,
    help: "form of times written as text, as in 'M/d/yyyy h:mm:ss a' or '%d.%m.%Y %H:%M'; empty: usual forms",
  }),
  elementsMax: setting.integer({
    env: 'NEUPR_ELEMENTS_MAX',
    default: 1_000,
    min: 1,
    max: 100_000,
    unit: 'elements',
    help: 'most events in one record; a record with more is dead-lettered',
  }),
  sampleRecords: setting.integer({
    env: 'NEUPR_SAMPLE_RECORDS',
    default: 500,
    min: 1,
    max: 10_000,
    unit: 'records',
    help: 'first records, by which columns and times are judged',
  }),
  actionNamesMax: setting.integer({
    env: 'NEUPR_ACTION_NAMES_MAX',
    default: 50,
    min: 1,
    max: 10_000,
    unit: 'names',
    help: 'names of actions that are counted separately; events of further names are counted together',
  }),
} as const
