// A program that sends nearly all of the events: what it has is remembered, what is learned and measured stays with
// the people, and the gate has no reason to hold their lists.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addAction, type TrainerBatch } from '../../../src/messages.ts'
import { createUserBounds } from '../../../src/monitor/user-bounds.ts'
import { configOf, coreOf, play, streamOf } from '../stream.ts'

const people = streamOf(1_000)
const bot = 900
const botItems = 4_000
const botName = `bot-${'x'.repeat(200)}`
const flags = { factors: 4, parts: 'history,trend', usersMax: 1_000, itemsMax: 6_000 }

/** The bot's batch of `count` events on items of its own and of others, at the times of `near`. */
function botBatch(from: number, count: number, near: TrainerBatch): TrainerBatch {
  const time = near.times.at(-1)!
  return {
    ...near,
    ...{ newUsers: [], newItems: [], forgotten: new Int32Array(0) },
    users: new Int32Array(count).fill(bot),
    items: Int32Array.from({ length: count }, (_, k) => 1_000 + from + k),
    times: new Float64Array(count).fill(time),
    actions: new Uint8Array(count).fill(addAction),
    offsets: new Float64Array(count),
  }
}

/** One event of the last item, so that all of them are known and every event is measured. */
function opening(near: TrainerBatch): TrainerBatch {
  const names = Array.from({ length: bot + 1 }, (_, user) => (user === bot ? botName : `u${user}`))
  const itemNames = Array.from({ length: 1_000 + botItems + 1 }, (_, item) => `i${item}`)
  const batch = botBatch(botItems, 1, near)
  return { ...batch, users: Int32Array.of(bot - 1), newUsers: names, newItems: itemNames }
}

const calm = learned(false)
const bounded = learned(true)
const unbounded = learned(true, { userShareMax: 1 })

function learned(withBot: boolean, changes: Record<string, unknown> = {}) {
  const core = coreOf(configOf({ ...flags, ...changes }))
  const each = botItems / people.length
  const batches = people.flatMap((batch, k) => {
    const own = { ...batch, newUsers: [], newItems: [] }
    return withBot ? [own, botBatch(k * each, each, batch)] : [own]
  })
  play(core, [opening(people[0]!), ...batches])
  return core
}

test('a flood is remembered in full and learned to a share, counted and told once', () => {
  const { positives } = bounded.learner
  for (let item = 0; item < botItems; item++) assert.ok(positives.has(bot, 1_000 + item))
  const stats = bounded.stats(true)
  assert.equal(stats.excessEvents, botItems - 1_000)
  assert.equal(stats.excessUser, botName)
  const all = unbounded.stats(true)
  assert.equal(all.excessEvents, 0)
  assert.ok(stats.triplets < 0.5 * all.triplets)
  const told: [string, { user: string }][] = []
  const tell = createUserBounds({ warn: (text, facts) => void told.push([text, facts as never]) })
  for (let k = 0; k < 3; k++) tell(stats)
  assert.equal(told.length, 1)
  assert.match(told[0]![0], /--user-share-max/)
  assert.ok(told[0]![1].user.length < 50 && told[0]![1].user.startsWith('bot-xxx'))
})

test('the window that the gate looks at is of the people, whose events are ranked no worse', () => {
  const ratio = (core: ReturnType<typeof coreOf>) => {
    const { hits, events } = core.stats(true).quality.window.model!
    return hits / events
  }
  assert.ok(ratio(bounded) > 0.8 * ratio(calm), `${ratio(bounded)} beside ${ratio(calm)}`)
  assert.ok(ratio(unbounded) < 0.6 * ratio(calm), `${ratio(unbounded)} beside ${ratio(calm)}`)
})
