// JSON of every published shape: read by its names, or refused with the shape or the columns to paste.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readValues } from '../../../src/consume/mapping/detect/read-values.ts'
import type { Reading } from '../../../src/consume/mapping/detect/reading.ts'
import {
  type MappingSettings,
  mappingDefaults,
  parseMapping,
} from '../../../src/consume/mapping/spec/spec.ts'

const latest = Date.UTC(2026, 10, 1)

function read(value: unknown, more: Partial<MappingSettings> = {}): Reading {
  const spec = parseMapping({ ...mappingDefaults, ...more })
  const record = { position: { stream: 's', offset: 0 }, key: null, value: null }
  return readValues(
    Array.from({ length: 20 }, () => ({ value, record })),
    spec,
    latest,
  )
}

test('fields of usual names are found', () => {
  const amazon = { overall: 4.5, reviewerID: 'A1', asin: 'B1', unixReviewTime: 1433221651 }
  const reading = read(amazon)
  assert.deepEqual(reading.columns, {
    user: 'reviewerID',
    item: 'asin',
    timestamp: 'unixReviewTime',
  })
  assert.equal(reading.unit, 's')
  assert.equal(reading.samples[0]!.timestamp, 1_433_221_651_000)
  const yelp = read({ review_id: 'r', user_id: 'u', business_id: 'b', date: '2015-06-02 05:07:31' })
  assert.deepEqual(yelp.columns, { user: 'user_id', item: 'business_id', timestamp: 'date' })
  assert.ok(yelp.warnings.some((one) => one.includes('--time-zone')))
})

test('shapes are known by their looks, and named in the refusal', () => {
  const rows: readonly (readonly [shape: string, value: unknown])[] = [
    ['ga4', { event_timestamp: '1', event_name: 'purchase', items: [{ item_id: 'i' }] }],
    ['otto', { session: 7, events: [{ aid: 1, ts: 1433221651000, type: 'carts' }] }],
    ['cloudevents', { specversion: '1.0', type: 't', source: 's', id: '1', data: {} }],
    ['debezium', { payload: { op: 'c', after: { user_id: 1 } } }],
    ['debezium', { op: 'c', before: null, after: { user_id: 1 } }],
    ['connect', { schema: {}, payload: { user_id: 1 } }],
    ['segment', { type: 'track', event: 'Order Completed', userId: 'u', properties: {} }],
  ]
  for (const [shape, value] of rows) {
    assert.equal(read(value).refusal?.flag, `--shape ${shape}`)
  }
})

test('a shape is known where the first record is of a kind without items', () => {
  const view = { event_timestamp: '1', event_name: 'page_view', user_pseudo_id: 'u' }
  const { refusal } = read(view)
  assert.equal(refusal?.flag, '--shape ga4')
  assert.equal(refusal.message.match(/there is/g)?.length, 1)
  assert.doesNotMatch(refusal.message, /say which/)
})

test('what has no time of its own gets the places of its lines, not the times of a topic', () => {
  const { refusal } = read({ user: 'u', item: 'i' })
  assert.equal(refusal?.flag, "--columns 'user=user,item=item,timestamp=@line'")
})

test('nested fields are offered as paths', () => {
  const value = { ctx: { who: { user_id: 'u1' } }, page: { sku: 'i1' }, when: 1433221651 }
  const { refusal } = read(value)
  assert.equal(refusal?.flag, "--columns 'user=ctx.who.user_id,item=page.sku,timestamp=when'")
  const columns = /'(.*)'/.exec(refusal.flag)![1]!
  assert.equal(read(value, { columns }).counts.usable, 20)
})

test('a time that is no time refuses the source, another field that is one is offered', () => {
  const { refusal } = read({ user: 'u', item: 'i', timestamp: 4, seen: '2015-06-02' })
  assert.match(refusal?.message ?? '', /no time since 1990/)
  assert.deepEqual(refusal?.candidates.timestamp, ['seen'])
  assert.equal(read({ user: 'u', item: 'i', timestamp: 4 }, { timeUnit: 's' }).refusal, undefined)
})

test('a field that was told and is in no record is named, and not proposed again', () => {
  const value = { user: 'u', item: 'i', timestamp: 1433221651 }
  const { refusal } = read(value, { columns: 'user=nope,item=item' })
  assert.match(refusal?.message ?? '', /nope, which --columns names for user, is missing; there is/)
  assert.equal(refusal?.flag, "--columns 'user=user,item=item,timestamp=timestamp'")
  const none = read(value, { columns: 'item=@key' })
  assert.match(none.refusal?.message ?? '', /@key, which --columns names for item, is missing/)
})
