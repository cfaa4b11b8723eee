// Records of the shapes in which web shops and analytics publish what their users do.

import { t0 } from '../foreign.ts'
import type { Case } from './shape-case.ts'

const at = new Date(t0).toISOString()
export const track = { type: 'track', userId: 'u1', anonymousId: 'a1', timestamp: at }
export const products = [{ product_id: 'i1' }, { product_id: 'i2' }, { name: 'no id' }]

export const trackingCases: readonly Case[] = [
  [
    'an order',
    { shape: 'segment' },
    { ...track, event: 'Order Completed', properties: { products: products.slice(0, 2) } },
    `u1 i1 ${t0} ADD, u1 i2 ${t0} ADD`,
  ],
  [
    'one product',
    { shape: 'segment' },
    { ...track, event: 'Product Added', properties: { product_id: 'i1' } },
    `u1 i1 ${t0} ADD`,
  ],
  [
    'nobody known',
    { shape: 'segment' },
    { ...track, userId: null, event: 'Product Removed', properties: { sku: 'i1' } },
    `a1 i1 ${t0} REMOVE`,
  ],
  [
    'a view',
    { shape: 'segment' },
    { ...track, event: 'Product Viewed', properties: { product_id: 'i1' } },
    'skip skipped_action',
  ],
  [
    'a view that counts',
    { shape: 'segment', actions: 'Product Viewed=add' },
    { ...track, event: 'Product Viewed', properties: { product_id: 'i1' } },
    `u1 i1 ${t0} ADD`,
  ],
  [
    'no product at all',
    { shape: 'segment' },
    { ...track, event: 'Signed Up', properties: {} },
    'skip ignored_type',
  ],
  [
    'no track call',
    { shape: 'rudderstack' },
    { type: 'identify', userId: 'u1', traits: {} },
    'skip ignored_type',
  ],
  [
    'an own field',
    { shape: 'rudderstack', columns: 'item=properties.page.id' },
    { ...track, event: 'Product Added', properties: { page: { id: 'p1' } } },
    `u1 p1 ${t0} ADD`,
  ],
  [
    'a purchase',
    { shape: 'ga4' },
    {
      event_timestamp: String(t0 * 1000),
      event_name: 'purchase',
      user_pseudo_id: '17.14',
      items: products.map((_, k) => ({ item_id: `SKU${k}` })),
    },
    `17.14 SKU0 ${t0} ADD, 17.14 SKU1 ${t0} ADD, 17.14 SKU2 ${t0} ADD`,
  ],
  [
    'a page',
    { shape: 'ga4' },
    { event_timestamp: t0 * 1000, event_name: 'page_view', user_pseudo_id: '1', items: [] },
    'skip no_elements',
  ],
  [
    'a cart',
    { shape: 'snowplow' },
    {
      event_name: 'transaction_item',
      domain_userid: 'd',
      ti_sku: 's',
      derived_tstamp: '2015-06-02 05:07:31.000',
    },
    `d s ${t0} ADD`,
  ],
  [
    'a product context',
    { shape: 'snowplow', actions: 'snowplow_ecommerce_action=add' },
    {
      event_name: 'snowplow_ecommerce_action',
      user_id: 'u',
      contexts_com_snowplowanalytics_snowplow_ecommerce_product_1: [{ id: 'p' }],
      collector_tstamp: at,
    },
    `u p ${t0} ADD`,
  ],
  [
    'a session',
    { shape: 'otto' },
    {
      session: 17,
      events: [
        { aid: 1, ts: t0, type: 'clicks' },
        { aid: 2, ts: t0 + 1, type: 'carts' },
        { aid: 3, ts: t0 + 2, type: 'orders' },
      ],
    },
    `17 2 ${t0 + 1} ADD, 17 3 ${t0 + 2} ADD`,
  ],
]
