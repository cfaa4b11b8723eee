// The summary of a checkpoint, in figures that can be checked by hand.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderJson, renderText, summarize } from '../../src/command/checkpoint-summary.ts'
import type { Checkpoint } from '../../src/ports/checkpoint-store.ts'

const checkpoint: Checkpoint = {
  generation: 12,
  facts: { steps: 40, positions: { 'file:a': 7 } },
  tensors: new Map([
    ['rows.U', { shape: [2, 2], data: Float32Array.of(1, 1, 1, 5) }],
    ['rows.V', { shape: [3, 1], data: Float32Array.of(3, Number.NaN, -4) }],
    ['random', { shape: [4], data: Uint32Array.of(1, 2, 3, 4) }],
    ['bytes', { shape: [1], data: Uint8Array.of(9) }],
  ]),
  texts: new Map([
    ['users', ['ann', 'bö']],
    ['items', ['x', 'y', 'z']],
  ]),
}

test('counts, bytes, mean and norm of the finite numbers', () => {
  const summary = summarize(checkpoint)
  assert.deepEqual(summary.texts, [
    { name: 'users', count: 2, bytes: 6 },
    { name: 'items', count: 3, bytes: 3 },
  ])
  assert.deepEqual(
    summary.tensors.map(({ name }) => name),
    ['bytes', 'random', 'rows.U', 'rows.V'],
  )
  const [bytes, random, U, V] = summary.tensors
  assert.deepEqual([bytes?.kind, random?.rows, random?.kind], ['uint8', 'other', 'uint32'])
  assert.deepEqual([U?.rows, U?.kind, U?.mean, U?.norm], ['user', 'float32', 2, Math.sqrt(28)])
  assert.deepEqual([V?.rows, V?.mean, V?.norm, V?.nonFinite], ['item', -0.5, 5, 1])
  assert.deepEqual([summary.bytes, summary.nonFinite], [16 + 12 + 16 + 1 + 9, 1])
  assert.deepEqual([summary.bytesPerUser, summary.bytesPerItem], [(16 + 6) / 2, (12 + 3) / 3])
})

test('rows of as many users as items are shared out, an empty checkpoint has none', () => {
  const tensors = new Map([['rows', { shape: [2, 1], data: new Float32Array(2) }]])
  const texts = new Map([
    ['users', ['a', 'b']],
    ['items', ['c', 'd']],
  ])
  const even = summarize({ generation: 1, facts: {}, tensors, texts })
  assert.deepEqual([even.bytesPerUser, even.bytesPerItem], [3, 3])
  const none = summarize({ generation: 1, facts: {}, tensors: new Map(), texts: new Map() })
  assert.deepEqual([none.bytes, none.bytesPerUser, none.nonFinite], [0, undefined, 0])
  assert.match(renderText(none), /per user nothing yet/)
})

test('what it is made of on the disk is said where it is more than one', () => {
  const madeOf = [
    { generation: 9, bytes: 2_048 },
    { generation: 10, bytes: 512 },
    { generation: 12, bytes: 256 },
  ]
  const line = renderText(summarize(checkpoint, madeOf)).split('\n')[1]
  assert.equal(
    line,
    'on the disk: all of generation 9, 2.0 KiB; 2 times changes since, 768 B, 256 B of them the last time',
  )
  assert.deepEqual(JSON.parse(renderJson(summarize(checkpoint, madeOf))).madeOf, madeOf)
})

test('JSON says the same', () => {
  const summary = summarize(checkpoint)
  assert.deepEqual(JSON.parse(renderJson(summary)), JSON.parse(JSON.stringify(summary)))
})

test('text shows everything, aligned', () => {
  const text = renderText(summarize(checkpoint))
  assert.equal(
    text,
    [
      'generation 12, 54 B',
      'per user 11 B, per item 5 B (ids and rows)',
      'NaN or infinite numbers: 1',
      '',
      'facts',
      '  "steps": 40',
      '  "positions": {"file:a":7}',
      '',
      'texts',
      '  "users": 2, 6 B',
      '  "items": 3, 3 B',
      '',
      'tensor         shape  bytes     mean   norm',
      'bytes       uint8[1]    1 B    9.000  9.000',
      'random     uint32[4]   16 B    2.500  5.477',
      'rows.U  float32[2×2]   16 B    2.000  5.292',
      'rows.V  float32[3×1]   12 B  -0.5000  5.000  1 not finite',
      '',
    ].join('\n'),
  )
})

test('many tensors of numbered names share a line, a few do not, and --all shows every one', () => {
  const data = Float32Array.of(1, Number.NaN)
  const tensors = new Map(
    Array.from(
      { length: 300 },
      (_, k) => [`probe.${k}.ahead` as string, { shape: [2], data }] as const,
    ),
  )
  for (const layer of [1, 2, 3]) tensors.set(`tower.${layer}.bias`, { shape: [2], data })
  const summary = summarize({ generation: 1, facts: {}, tensors, texts: new Map() })
  const lines = renderText(summary).split('\n')
  const shown = lines.filter((line) => /^(probe|tower)/.test(line))
  assert.match(shown[0]!, /^probe\.N\.ahead +300 tensors +2\.3 KiB +300 not finite$/)
  assert.deepEqual(
    shown.slice(1).map((line) => line.split(' ')[0]),
    ['tower.1.bias', 'tower.2.bias', 'tower.3.bias'],
  )
  const all = renderText(summary, { all: true })
  assert.equal(all.match(/^probe\.\d+\.ahead /gm)?.length, 300)
  assert.equal(JSON.parse(renderJson(summary)).tensors.length, 303)
})

test('nothing in a name or fact reaches the terminal as a command', () => {
  const nasty = '\u001b[2J\u009b2J\u202e\n'
  const tensors = new Map([[nasty, { shape: [1], data: new Float32Array(1) }]])
  const texts = new Map([[nasty, ['a']]])
  const summary = summarize({ generation: 1, facts: { [nasty]: nasty }, tensors, texts })
  for (const text of [renderText(summary), renderJson(summary)]) {
    assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}]/u)
  }
  assert.deepEqual(JSON.parse(renderJson(summary)).facts, { [nasty]: nasty })
})
