// Forms of events that are widely published, as mappings: where their rows are, which path is what, and what their
// actions do. What a shape leaves open (the fields of a table, of an event's data) is found by the usual names or told
// by --columns, relative to the rows.

import type { ShapeName } from '../../../settings/mapping.ts'

export type Role = 'user' | 'item' | 'timestamp' | 'action' | 'rating'
export const roles: readonly Role[] = ['user', 'item', 'timestamp', 'action', 'rating']

export interface Shape {
  readonly help: string
  /** Paths at which the fields of an event may stand; '' is the record itself. The first that has a field wins. */
  readonly roots: readonly string[]
  /** Paths from the record itself, used behind what is told or found. */
  readonly columns: Readonly<Partial<Record<Role, string>>>
  /** The rows may have a time of their own, which goes before the shape's. */
  readonly timeInRows?: true
  /** As in --actions; what the user says goes before it. */
  readonly actions?: string
  /** A record in which this path has one of these values takes the item away, whatever its action. */
  readonly removal?: { readonly path: string; readonly values: readonly string[] }
  /** Records in which this path has another value are another kind of event. */
  readonly only?: { readonly path: string; readonly values: readonly string[] }
  /** The key of a null value is a row of a table, not a user: the row's removal came before it. */
  readonly tombstones?: true
}

const track: Shape = {
  help: 'track calls: userId or anonymousId, event, properties.product_id or properties.products[]',
  roots: [''],
  columns: {
    user: 'userId|anonymousId|user_id|anonymous_id',
    item:
      'properties.products[].product_id|properties.products[].sku|properties.product_id|properties.sku|' +
      'properties.item_id|properties.content_id|properties.itemId|properties.productId',
    timestamp: 'timestamp|originalTimestamp|sentAt|receivedAt|@timestamp',
    action: 'event',
  },
  actions:
    'Order Completed=add,Product Added=add,Product Added to Wishlist=add,Wishlist Product Added to Cart=add,' +
    'Product Removed=remove,Product Removed from Wishlist=remove,Product Viewed=skip,Product Clicked=skip',
  only: { path: 'type', values: ['track'] },
}

export const shapes: Readonly<Record<ShapeName, Shape>> = {
  segment: { ...track, help: `Segment's ${track.help}` },
  rudderstack: { ...track, help: `RudderStack's ${track.help}` },
  cloudevents: {
    help: 'CloudEvents 1.0, structured (fields in data) and binary (ce_ headers); action: the type',
    roots: ['data', ''],
    columns: {
      user: '@header.ce_subject|subject|@key',
      timestamp: '@header.ce_time|time|@timestamp',
      action: '@header.ce_type|type',
    },
  },
  debezium: {
    help: 'change events of a table, with schemas or without; a delete takes the item away',
    roots: ['payload.after', 'payload.before', 'after', 'before', ''],
    columns: {
      timestamp: 'payload.source.ts_ms|source.ts_ms|payload.ts_ms|ts_ms|__source_ts_ms|@timestamp',
      action: 'payload.op|op|__op',
    },
    actions: 'c=add,r=add,u=add,d=remove',
    removal: { path: 'payload.op|op|__op|__deleted', values: ['d', 'true'] },
    tombstones: true,
  },
  connect: {
    help: "Kafka Connect's JSON, as {schema, payload} or the payload alone; keys too",
    roots: ['payload', ''],
    columns: { timestamp: '@timestamp' },
    timeInRows: true,
  },
  ga4: {
    help: 'Google Analytics 4 as exported: user_id or user_pseudo_id, items[].item_id, event_name',
    roots: [''],
    columns: {
      user: 'user_id|user_pseudo_id',
      item: 'items[].item_id',
      timestamp: 'event_timestamp',
      action: 'event_name',
    },
    actions:
      'purchase=add,add_to_cart=add,add_to_wishlist=add,begin_checkout=add,remove_from_cart=remove,refund=remove,' +
      'view_item=skip,view_item_list=skip,select_item=skip,view_cart=skip',
  },
  snowplow: {
    help: 'enriched events as JSON: user_id or domain_userid, products in contexts or ti_sku, event_name',
    roots: [''],
    columns: {
      user: 'user_id|domain_userid|network_userid',
      item:
        'contexts_com_snowplowanalytics_snowplow_ecommerce_product_1[].id|' +
        'contexts_com_snowplowanalytics_snowplow_product_1[].sku|ti_sku|' +
        'unstruct_event_com_snowplowanalytics_snowplow_add_to_cart_1.sku|' +
        'unstruct_event_com_snowplowanalytics_snowplow_remove_from_cart_1.sku',
      timestamp: 'derived_tstamp|collector_tstamp|dvce_created_tstamp',
      action:
        'unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1.type|' +
        'event_name|event',
    },
    actions:
      'add_to_cart=add,transaction=add,transaction_item=add,remove_from_cart=remove,refund=remove,' +
      'product_view=skip,list_view=skip,list_click=skip,page_view=skip',
  },
  recbole: {
    help: "RecBole's .inter: user_id:token, item_id:token, timestamp:float, and a rating where there is one",
    roots: [''],
    columns: { user: 'user_id', item: 'item_id', timestamp: 'timestamp', rating: 'rating' },
  },
  otto: {
    help: "OTTO's sessions: session, events[] of aid, ts and type; clicks count as views",
    roots: [''],
    columns: {
      user: 'session',
      item: 'events[].aid',
      timestamp: 'events[].ts',
      action: 'events[].type',
    },
    actions: 'orders=add,carts=add,clicks=skip',
  },
}
