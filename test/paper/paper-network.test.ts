// The paper's network alone on a stream: it learns, it ranks by Algorithm 1, and it goes on after a restart as if
// nothing had been.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RankedList } from '../../src/messages.ts'
import { configOf, coreOf, play, streamOf } from '../trainer/stream.ts'

const stream = streamOf(5_000)
const joint = { parts: 'rows', model: 'neupr', tower: 'joint', factors: 4, depth: 3 }
/** The paper's own way to learn. */
const published = { optimizer: 'adam', optimizerRate: 0.0005, denseRate: 0.0005, newRows: 'zero' }
const brief = stream.slice(0, 7)

function plain(lists: readonly RankedList[]) {
  return lists.map(({ user, items, scores }) => ({ user, items: [...items], scores: [...scores] }))
}

for (const model of ['nbpr', 'dncr', 'neupr']) {
  test(`${model} alone ranks arriving items better than popularity`, () => {
    const core = coreOf(configOf({ ...joint, model, candidates: 20, listStaleEvents: 100_000 }))
    for (const batch of stream) {
      core.take(batch, 0)
      while (core.hasWork) core.turn(64, 0)
    }
    const { model: ours, popularity } = core.stats(true).quality.last30
    const [own, plainCount] = [ours!.hits / ours!.events, popularity!.hits / popularity!.events]
    assert.ok(ours!.events > 1_000)
    assert.ok(own > plainCount, `HR@10 ${own} of the model, ${plainCount} of popularity`)
  })
}

test('the same stream gives the same lists and the same checkpoint', () => {
  const [one, other] = [0, 1].map(() => {
    const core = coreOf(configOf(joint))
    return { lists: plain(play(core, brief)), saved: core.snapshot(1) }
  })
  assert.ok(one!.lists.length > 100)
  assert.deepEqual(one, other)
})

test('Algorithm 1 gives the same lists as printed and with the stack of champions', () => {
  const [resume, literal] = ['resume', 'literal'].map((exact) =>
    plain(play(coreOf(configOf({ ...joint, exact, order: 'item' })), brief)),
  )
  assert.ok(resume!.length > 100)
  const items = (lists: ReturnType<typeof plain>) => lists.map((one) => [one.user, one.items])
  assert.deepEqual(items(resume!), items(literal!))
  // The two ways to compare agree to 1e-5 of a logit.
  const scores = [resume!, literal!].map((lists) => lists.flatMap((one) => one.scores))
  const apart = scores[0]!.map((score, k) => Math.abs(score - scores[1]![k]!))
  assert.ok(Math.max(...apart) < 1e-5, `${Math.max(...apart)}`)
})

test('a list holds its length in items that the user does not have, each once, with P in [0, 1]', () => {
  const core = coreOf(configOf({ ...joint, candidates: 30 }))
  play(core, brief)
  for (let user = 0; user < core.input.users.length; user++) {
    const { items, scores, source } = core.lists.rank(user, 10)
    assert.equal(items.length, 10)
    assert.equal(new Set(items).size, 10)
    for (const item of items) assert.equal(core.learner.positives.has(user, item), false)
    assert.ok(scores.every((p) => p >= 0 && p <= 1))
    assert.equal(source, 'PERSONAL')
  }
})

test('the list is what comparing every pair says, where the order is total', () => {
  const core = coreOf(configOf({ ...joint, model: 'nbpr' }))
  play(core, brief)
  const { learner, lists } = core
  const user = 3
  const { items, scores, beatsNext } = lists.rank(user, 10)
  const { network } = learner.networks[0]!
  const free = [...Array(learner.positives.items).keys()].filter(
    (item) => !learner.positives.has(user, item) && learner.positives.holders[item]! > 0,
  )
  const { users } = learner.momentOf(user, 0)
  const z = (i: number, j: number) => {
    const out = new Float32Array(1)
    network.compare(users, Int32Array.of(i), Int32Array.of(j), 1, out)
    return out[0]!
  }
  const wins = (i: number) => free.filter((j) => j !== i && z(i, j) > z(j, i)).length
  const byWins = free.map((item) => [item, wins(item)] as const).sort((a, b) => b[1] - a[1])
  assert.deepEqual(
    [...items],
    byWins.slice(0, 10).map(([item]) => item),
  )
  const P = (i: number, j: number) => 1 / (1 + Math.exp((z(j, i) - z(i, j)) / 2))
  const [first, second, best] = [items[0]!, items[1]!, byWins[10]![0]]
  assert.ok(Math.abs(beatsNext[0]! - P(first, second)) < 1e-5)
  assert.ok(Math.abs(scores[0]! - P(first, best)) < 1e-5, 'against the best that is not listed')
})

test('an arriving item is ranked by how many others beat it, pair by pair', () => {
  const core = coreOf(configOf(joint))
  play(core, brief)
  const { learner } = core
  const { network } = learner.networks[0]!
  const items = Int32Array.of(7, 0, 1, 2, 3, 4, 5, 6, 8, 9)
  const moment = learner.momentOf(2, 0)
  const out = new Float32Array(items.length)
  learner.score(moment, items, out)
  const z = new Float32Array(2)
  const beats = Array.from(items, (item) => {
    network.compare(moment.users, Int32Array.of(7, item), Int32Array.of(item, 7), 2, z)
    return z[0]! - z[1]! < 0
  })
  assert.equal(out[0], 0)
  assert.deepEqual(
    Array.from(out, (ahead) => ahead > 0),
    beats,
  )
  assert.ok(beats.includes(true) && beats.slice(1).includes(false))
})

for (const flags of [
  joint,
  { ...joint, ...published },
  { ...joint, optimizer: 'adagrad', optimizerRate: 0.3 },
]) {
  test(`a restart in the middle changes no byte (${JSON.stringify(flags)})`, () => {
    const config = configOf(flags)
    const whole = coreOf(config)
    const expected = plain(play(whole, brief))
    const first = coreOf(config)
    // Not at the end of a step's events.
    const before = plain(play(first, brief.slice(0, 3)))
    const second = coreOf(config, structuredClone(first.snapshot(1)))
    const after = plain(play(second, brief.slice(3)))
    assert.deepEqual([...before, ...after], expected)
    assert.deepEqual(second.snapshot(2), whole.snapshot(2))
  })
}

test('another optimizer is another model', () => {
  const saved = coreOf(configOf(joint)).snapshot(1)
  assert.throws(
    () => coreOf(configOf({ ...joint, ...published }), saved),
    /--optimizer is sgd there/,
  )
})

test('an explanation has P and no parts', () => {
  const core = coreOf(configOf(joint))
  play(core, brief)
  const answer = core.explain(core.input.users.name(0), 5)!
  assert.equal(answer.items.length, 5)
  for (const { score, parts, because } of answer.items) {
    assert.ok(score >= 0 && score <= 1)
    assert.deepEqual(parts, {})
    assert.deepEqual(because, [])
  }
})

test('new rows begin around the mean of those there are, or around zero', () => {
  const rowsOf = (newRows: string) => {
    const core = coreOf(configOf({ ...joint, newRows }))
    play(core, brief)
    const { users, items } = core.learner.positives
    core.learner.grow(users + 1, items + 1)
    const tensors = core.learner.networks[0]!.network.tensors()
    return ['nbpr.user', 'nbpr.item', 'dncr.user', 'dncr.item'].map((name) => {
      const { data, shape } = tensors.get(`rows.neupr/${name}`)!
      const [rows = 0, width = 0] = shape
      const columns = [...Array(width).keys()]
      const at = (row: number, d: number) => data[row * width + d]!
      const sum = (d: number) => [...Array(rows - 1).keys()].reduce((t, row) => t + at(row, d), 0)
      const mean = columns.map((d) => sum(d) / (rows - 1))
      return { last: columns.map((d) => at(rows - 1, d)), mean }
    })
  }
  const around = rowsOf('mean')
  rowsOf('zero').forEach(({ last: noise }, t) => {
    const { last, mean } = around[t]!
    assert.ok(Math.hypot(...mean) > 0.01)
    last.forEach((x, d) => {
      assert.ok(Math.abs(x - mean[d]! - noise[d]!) < 1e-6)
    })
  })
})

test('a shortlist must be longer than the list, and needs the anchor', () => {
  assert.throws(
    () => configOf({ ...joint, candidates: 10 }),
    /--candidates 10 must be more than --k 10/,
  )
  assert.throws(
    () => configOf({ ...joint, candidates: 20, order: 'item' }),
    /--order item scans all/,
  )
})
