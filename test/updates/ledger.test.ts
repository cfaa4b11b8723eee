// Which records count: ownership by claims, learning in order, nothing twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger } from '../../src/updates/ledger.ts'

const claim = (stream: string, epoch: number, from = 0) => ({ stream, epoch, from })
const range = (stream: string, from: number, to: number) => ({ stream, from, to })

function ledgerOf() {
  const ledger = createLedger()
  const sequences = new Map<string, number>()
  return {
    ledger,
    read(
      author: string,
      claims: ReturnType<typeof claim>[],
      ...learned: ReturnType<typeof range>[]
    ) {
      const sequence = (sequences.get(author) ?? 0) + 1
      sequences.set(author, sequence)
      return ledger.read({ author, sequence, claims, learned })
    },
  }
}

test('an owner learns in order; a range before or behind the position is passed over', () => {
  const { ledger, read } = ledgerOf()
  read('a', [claim('s', 1)])
  assert.deepEqual(read('a', [], range('s', 0, 5)), { leftOut: 0 })
  assert.equal(read('a', [], range('s', 4, 6)).passedOver, 'out_of_order')
  assert.equal(read('a', [], range('s', 6, 7)).passedOver, 'out_of_order')
  assert.deepEqual(read('a', [], range('s', 5, 7)), { leftOut: 0 })
  assert.equal(ledger.learned, 7)
  const later = createLedger()
  later.restore(ledger.save())
  assert.equal(later.learned, 7)
  assert.deepEqual(ledger.streamOf('s'), { owner: 'a', epoch: 1, position: 7 })
})

test('whoever has lost a stream is passed over, with all that the record holds', () => {
  const { ledger, read } = ledgerOf()
  read('a', [claim('s', 1), claim('t', 1)])
  read('b', [claim('s', 2)])
  assert.equal(read('a', [], range('s', 0, 5), range('t', 0, 5)).passedOver, 'not_owner')
  assert.equal(ledger.streamOf('t')?.position, 0)
  assert.deepEqual(read('b', [], range('s', 0, 3)), { leftOut: 0 })
  assert.deepEqual(read('a', [], range('t', 0, 5)), { leftOut: 0 })
})

test('of two claims made at the same time the first counts, and a late one does not', () => {
  const { ledger, read } = ledgerOf()
  read('a', [claim('s', 1)])
  read('b', [claim('s', 1)])
  assert.equal(ledger.streamOf('s')?.owner, 'a')
  read('b', [claim('s', 2)])
  read('a', [claim('s', 2)])
  assert.equal(ledger.streamOf('s')?.owner, 'b')
})

test('a claim begins where learning stands, or tells what it leaves out', () => {
  const { ledger, read } = ledgerOf()
  assert.deepEqual(read('a', [claim('s', 1, 100)]), { leftOut: 0 })
  read('a', [], range('s', 100, 110))
  assert.deepEqual(read('b', [claim('s', 2, 50)]), { leftOut: 0 })
  assert.equal(ledger.streamOf('s')?.position, 110)
  assert.deepEqual(read('c', [claim('s', 3, 130)]), { leftOut: 20 })
  assert.equal(ledger.streamOf('s')?.position, 130)
})

test('a record that was written twice counts once', () => {
  const ledger = createLedger()
  ledger.read({ author: 'a', sequence: 1, claims: [claim('s', 1)], learned: [] })
  const record = { author: 'a', sequence: 2, claims: [], learned: [range('s', 0, 4)] }
  assert.deepEqual(ledger.read(record), { leftOut: 0 })
  assert.equal(ledger.read(record).passedOver, 'repeated')
  assert.equal(ledger.records, 3)
})
