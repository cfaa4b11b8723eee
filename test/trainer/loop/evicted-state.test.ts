// Ids that come to stand for others: neither restarts nor the cutting of batches change a byte, a checkpoint knows what
// has changed, and a model that goes back has learned nothing of others.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RankedList } from '../../../src/messages.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import { takeNewTexts } from '../../../src/trainer/checkpoint/saved-parts.ts'
import { copyOf } from '../../../src/trainer/checkpoint/whole-state.ts'
import { createFollower } from '../../ports/follower.ts'
import { all, bounds, coreOf, createMainSide, play } from '../evicting.ts'

function bytesOf({ tensors, texts, facts }: Checkpoint) {
  const hex = [...tensors].map(([name, { shape, data }]) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    return [name, shape, bytes.toString('base64')]
  })
  return { hex, texts: [...texts].map(([name, list]) => [name, [...list]]), facts }
}

function assertSame(got: Checkpoint, want: Checkpoint): void {
  const [one, other] = [bytesOf(got), bytesOf(want)]
  assert.deepEqual(one.facts, other.facts)
  assert.deepEqual(one.texts, other.texts)
  const differ = one.hex.filter(([, , bytes], k) => bytes !== other.hex[k]?.[2])
  assert.deepEqual(
    differ.map(([name]) => name),
    [],
  )
}

/** A run without a restart. */
const [whole, lists] = [coreOf(), [] as RankedList[]]
play(whole, createMainSide(bounds), [0, all.length], 20, (seen) => lists.push(...seen.lists))

for (const stop of [180, 1_260, 1_980]) {
  test(`a restart after ${stop} events changes no byte and no list`, () => {
    const [before, first] = [createMainSide(bounds), coreOf()]
    const others: RankedList[] = []
    play(first, before, [0, stop], 20, (seen) => others.push(...seen.lists))
    const saved = first.snapshot(1)
    const second = coreOf(saved)
    play(second, createMainSide(bounds, saved), [stop, all.length], 20, (seen) => {
      others.push(...seen.lists)
    })
    assertSame(second.snapshot(2), whole.snapshot(2))
    assert.deepEqual(others, lists)
  })
}

test('batches may be cut anywhere', () => {
  const [one, other] = [coreOf(), coreOf()]
  play(one, createMainSide(bounds), [0, all.length], 30)
  play(other, createMainSide(bounds), [0, all.length], 7)
  assertSame(other.snapshot(1), one.snapshot(1))
})

test('rows that change with an id are known as changed', () => {
  const main = createMainSide(bounds)
  const core = coreOf()
  const { live } = core
  const saved = createFollower(live.state)
  const names = new Map([...live.texts.keys()].map((list) => [list, [] as string[]]))
  play(core, main, [0, all.length], 20, () => {
    const got = saved.next()
    for (const [name, { data }] of copyOf(live.state))
      assert.deepEqual(got.get(name)!.data, data, name)
    for (const { list, from, texts } of takeNewTexts(live.texts)) {
      const kept = names.get(list)!
      const some = texts.slice(0, texts.length)
      names.set(list, list === 'streams' ? some : kept.toSpliced(from, some.length, ...some))
    }
    for (const [name, { list }] of live.texts) {
      assert.deepEqual(names.get(name), list.slice(0, list.length))
    }
  })
})

test('a model that goes back to a checkpoint has learned nothing of those who have other ids by now', () => {
  const main = createMainSide(bounds)
  const core = coreOf()
  play(core, main, [0, 1_200], 20)
  const old = core.snapshot(1)
  play(core, main, [1_200, all.length], 20)
  const back = core.rolledBack(old)
  const then = old.texts.get('items')!.slice()
  const others = [...then.keys()].filter((item) => !core.input.items.is(item, then[item]!))
  assert.ok(others.length > 5)
  for (const item of others) {
    for (let other = 0; other < bounds.items; other++) {
      assert.equal(back.learner.neighbours.similarity(item, other), 0)
    }
  }
  play(back, main, [0, 60], 20)
})
