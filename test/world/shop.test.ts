// The made-up shop keeps the rules that its model states, and what is learned from it shows that events count
// differently.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isStockChange,
  type ShopEvent,
  type StockChange,
  shopRecords,
} from '../../src/world/shop.ts'

const small = { seed: 5, users: 200, items: 300, events: 12_000, days: 20 }
const records = [...shopRecords(small)]
const events = records.filter((record): record is ShopEvent => !isStockChange(record))

test('the same options give the same records, in order of time', () => {
  assert.deepEqual([...shopRecords(small)], records)
  assert.ok(records.every((one, k) => k === 0 || records[k - 1]!.timestamp <= one.timestamp))
  assert.notDeepEqual([...shopRecords({ ...small, seed: 6 })].slice(0, 50), records.slice(0, 50))
  assert.equal(events.length, small.events)
})

test('nothing is looked at or bought that is out of stock, and nobody buys an item twice', () => {
  const out = new Set<string>()
  const bought = new Set<string>()
  let changes = 0
  for (const record of records) {
    if (isStockChange(record)) {
      const { item, available } = record satisfies StockChange
      assert.equal(out.has(item), available, 'every change is one')
      if (available) out.delete(item)
      else out.add(item)
      changes++
      continue
    }
    const { user, item, action } = record
    if (action === 'view' || action === 'purchase') assert.equal(out.has(item), false)
    if (action === 'purchase') {
      assert.equal(bought.has(`${user} ${item}`), false)
      bought.add(`${user} ${item}`)
    }
    if (action === 'return') assert.ok(bought.has(`${user} ${item}`))
  }
  assert.ok(changes > 300 && out.size > 0.05 * small.items && out.size < 0.5 * small.items)
})

test('views are many, purchases few, most of them of what was looked at', () => {
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  let seenFirst = 0
  for (const { user, item, action } of events) {
    counts.set(action, (counts.get(action) ?? 0) + 1)
    if (action === 'purchase' && seen.has(`${user} ${item}`)) seenFirst++
    if (action === 'view') seen.add(`${user} ${item}`)
  }
  const [views = 0, carts = 0, purchases = 0] = ['view', 'cart', 'purchase'].map((name) =>
    counts.get(name),
  )
  assert.ok(views > 5 * purchases && purchases > 300 && carts > 300, JSON.stringify([...counts]))
  assert.ok(seenFirst > 0.5 * purchases && seenFirst < 0.95 * purchases)
})
