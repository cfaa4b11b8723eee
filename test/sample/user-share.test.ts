// One user's share of what is learned: a flood is bounded, and nobody else notices; people are never bounded.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../../src/sample/random.ts'
import { createUserShare, shareOf } from '../../src/sample/user-share.ts'

const bot = 0

/** How many events of each user may be learned from, and how many came. */
function play(users: Iterable<number>, userShareMax = 0.1) {
  const share = createUserShare(userShareMax)
  const learned = new Map<number, number>()
  const sent = new Map<number, number>()
  for (const user of users) {
    sent.set(user, (sent.get(user) ?? 0) + 1)
    if (share.admits(user)) learned.set(user, (learned.get(user) ?? 0) + 1)
  }
  return { share, learned, sent }
}

function* flood(events: number, botShare: number, others: number, seed = 1): Generator<number> {
  const random = createRandom(seed)
  for (let k = 0; k < events; k++) {
    yield random.unit() < botShare ? bot : 1 + random.below(others)
  }
}

test('a user with 95 % of the events has a fifth of what is learned, and nobody else loses any', () => {
  const { share, learned, sent } = play(flood(200_000, 0.95, 3_000))
  let [others, all] = [0, 0]
  for (const [user, count] of sent) {
    all += count
    if (user === bot) continue
    others += count
    assert.equal(learned.get(user), count)
  }
  const ofBot = learned.get(bot)!
  assert.ok(ofBot / (ofBot + others) < 0.2, `${ofBot} beside ${others}`)
  assert.equal(share.excess, sent.get(bot)! - ofBot)
  assert.equal(share.newestExcess, bot)
  assert.ok(all > 10 * others)
})

test('with more events of others the bot has its share of them', () => {
  const { learned } = play(flood(90_000, 0.5, 3_000))
  const all = [...learned.values()].reduce((sum, n) => sum + n, 0)
  assert.ok(Math.abs(learned.get(bot)! / all - 0.1) < 0.01)
})

test('people are not bounded: a few who share the stream, one alone, and long visits one after the other', () => {
  for (const users of [1, 2]) {
    const { share } = play(Array.from({ length: 50_000 }, (_, k) => k % users))
    assert.equal(share.excess, 0)
  }
  const visits = Array.from({ length: 100_000 }, (_, k) => Math.floor(k / 900))
  assert.equal(play(visits).share.excess, 0)
  assert.equal(play(flood(100_000, 0.95, 10), 1).share.excess, 0, 'switched off')
})

test('the share of one among few is larger', () => {
  assert.deepEqual(
    [1, 2, 4, 20, 1_000].map((active) => shareOf(0.1, active)),
    [1, 1, 0.5, 0.1, 0.1],
  )
})

test('goes on after a restore as if nothing had happened', () => {
  const property = fc.property(fc.nat(30_000), fc.nat(1_000), (cut, seed) => {
    const users = [...flood(31_000, 0.9, 500, seed)]
    const one = play(users.slice(0, cut)).share
    const other = createUserShare(0.1)
    other.restore(structuredClone(one.save()))
    for (const user of users.slice(cut)) assert.equal(other.admits(user), one.admits(user))
    assert.deepEqual(other.save(), one.save())
  })
  fc.assert(property, { numRuns: 15, seed: 1 })
  const fresh = createUserShare(0.1)
  fresh.restore(new Map())
  assert.deepEqual(fresh.save(), createUserShare(0.1).save(), 'older checkpoints have none')
})
