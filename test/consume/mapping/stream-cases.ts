// Records of the shapes in which databases, connectors and buses publish events.

import { t0 } from '../foreign.ts'
import type { Case } from './shape-case.ts'

const at = new Date(t0).toISOString()
const row = { user_id: 17, item_id: 127, created_at: t0 }
const source = { ts_ms: t0 + 5, db: 'shop' }
const cloud = { specversion: '1.0', id: '1', source: '/shop', type: 'liked', time: at }

export const streamCases: readonly Case[] = [
  [
    'an insert',
    { shape: 'debezium' },
    { payload: { op: 'c', before: null, after: row, source } },
    `17 127 ${t0 + 5} ADD`,
  ],
  [
    'without schemas',
    { shape: 'debezium' },
    { op: 'r', before: null, after: row, source },
    `17 127 ${t0 + 5} ADD`,
  ],
  [
    'a delete',
    { shape: 'debezium' },
    { schema: {}, payload: { op: 'd', before: row, after: null, source } },
    `17 127 ${t0 + 5} REMOVE`,
  ],
  [
    'a delete with a time of its own',
    { shape: 'debezium', columns: 'timestamp=created_at' },
    { op: 'd', before: { user_id: 17, item_id: 127 }, after: null, source },
    `17 127 ${t0 + 5} REMOVE`,
  ],
  [
    'a row with a time of its own',
    { shape: 'debezium', columns: 'timestamp=created_at' },
    { op: 'c', after: row, source },
    `17 127 ${t0} ADD`,
  ],
  [
    'other names',
    { shape: 'debezium', columns: 'user=who,item=what' },
    { op: 'u', before: null, after: { who: 'u', what: 'i' }, ts_ms: t0 },
    `u i ${t0} ADD`,
  ],
  ['a truncated table', { shape: 'debezium' }, { op: 't', source }, 'skip ignored_type'],
  [
    'a flattened delete',
    { shape: 'debezium' },
    { ...row, __deleted: 'true', __source_ts_ms: t0 },
    `17 127 ${t0} REMOVE`,
  ],
  [
    'the tombstone after a delete',
    { shape: 'debezium' },
    null,
    'skip tombstone',
    { key: '{"user_id":17,"item_id":127}' },
  ],

  [
    'schema and payload',
    { shape: 'connect' },
    { schema: { type: 'struct' }, payload: { ...row, ts: t0 } },
    `17 127 ${t0} ADD`,
  ],
  ['the payload alone', { shape: 'connect' }, { user: 'u', item: 'i' }, `u i ${t0 + 9} ADD`],
  [
    'a key of Connect',
    { shape: 'connect' },
    null,
    'forget u1',
    { key: '{"schema":{"type":"string","optional":false},"payload":"u1"}' },
  ],
  [
    'a key of several fields',
    { shape: 'connect', columns: 'user=account' },
    null,
    'forget 5',
    { key: '{"payload":{"account":5,"region":"eu"}}' },
  ],

  [
    'structured',
    { shape: 'cloudevents', actions: 'liked=add' },
    { ...cloud, data: { user_id: 'u', item_id: 'i' } },
    `u i ${t0} ADD`,
  ],
  [
    'structured, about a subject',
    { shape: 'cloudevents', actions: 'liked=add' },
    { ...cloud, subject: 'u7', data: { sku: 'i' } },
    `u7 i ${t0} ADD`,
  ],
  [
    'a type that nothing maps',
    { shape: 'cloudevents' },
    { ...cloud, data: { user_id: 'u', item_id: 'i' } },
    'skip ignored_type',
  ],
  [
    'binary',
    { shape: 'cloudevents', actions: 'unliked=remove' },
    { user_id: 'u', item_id: 'i' },
    `u i ${t0} REMOVE`,
    { headers: { ce_specversion: '1.0', ce_type: 'unliked', ce_time: at } },
  ],
]
