// What overload costs once it is over, without servers: events come twice as fast as they can be learned in full, by a
// clock that counts the work, so that the figure does not depend on the machine. What was shed is then learned from
// the debt, and the rest of the stream comes at ease. HR@10 of that rest, against a trainer that shed nothing.

import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { createIds } from '../../src/remember/ids.ts'
import { trainerBatch } from '../../src/remember/remember.ts'
import { type Core, createCore } from '../../src/trainer/loop/core.ts'
import type { BenchRow } from './store.ts'
import type { StreamEvent } from './stream-events.ts'

/** The share of the stream that comes too fast. */
const fastShare = 0.7
const batchEvents = 16
/** Made-up ms that an event takes with all of its work, and the share of them that is never shed. */
const eventMs = 0.3
const leastShare = 0.25
const { config } = readConfig({ flags: { seed: 7, source: 'kafka:events' }, env: {} })

export function overloadBench(
  name: string,
  events: readonly StreamEvent[],
  say: (line: string) => void,
): BenchRow[] {
  const atEase = play(events, learnAtEase)
  say(`overload: ${name}: ${atEase.hr10.toFixed(4)} where nothing was shed`)
  const after = play(events, learnTooFast)
  const row = { bench: 'overload', unit: 'hr10', against: 'nothing shed' }
  const ratio = Number((after.hr10 / atEase.hr10).toFixed(4))
  const owed = { ...row, unit: 'events', against: 'all that came too fast' }
  const fast = Math.floor(fastShare * events.length)
  return [
    { ...row, case: `${name} hr10 after`, value: Number(after.hr10.toFixed(4)), ratio },
    { ...owed, case: `${name} debt at most`, value: after.debt, ratio: after.debt / fast },
  ]
}

type Feed = ReturnType<typeof createFeed>

/** Learns what comes too fast by `how`, and returns the most that was owed. */
function play(events: readonly StreamEvent[], how: (core: Core, feed: Feed, to: number) => number) {
  const core = createCore({ config, engine: createWasmEngine(), versionBase: 0 })
  const feed = createFeed(events)
  const debt = how(core, feed, Math.floor(fastShare * events.length))
  while (core.learner.shedding.pay());
  const before = hitsOf(core)
  learnAtEase(core, feed, events.length)
  const end = hitsOf(core)
  return { debt, hr10: (end.hits - before.hits) / (end.events - before.events) }
}

function learnAtEase(core: Core, feed: Feed, to: number): number {
  while (feed.sent < to) {
    core.take(feed.next(), 0)
    while (core.hasWork) core.turn(batchEvents, 0)
  }
  return 0
}

function learnTooFast(core: Core, feed: Feed, to: number): number {
  const comesAt = () => ((feed.sent + batchEvents) * eventMs) / 2
  let [nowMs, debt] = [0, 0]
  while (feed.sent < to || core.queued > 0) {
    while (feed.sent < to && comesAt() <= nowMs && core.queued < config.queueEventsMax) {
      const atMs = comesAt()
      core.take(feed.next(), atMs)
    }
    if (core.queued === 0) {
      nowMs = comesAt()
      continue
    }
    const done = core.turn(batchEvents, nowMs)
    nowMs += done * eventMs * (leastShare + (1 - leastShare) * core.effort.event)
    debt = Math.max(debt, core.learner.shedding.debt.events)
  }
  return debt
}

function createFeed(events: readonly StreamEvent[]) {
  const ids = [createIds(config.usersMax), createIds(config.itemsMax)] as const
  let sent = 0
  return {
    get sent() {
      return sent
    },
    next() {
      const some = events.slice(sent, sent + batchEvents)
      const offsets = some.map((_, k) => sent + k)
      sent += some.length
      const made = some.map(({ user, item, time }) => {
        return { user: `u${user}`, item: `i${item}`, timestamp: time, action: 'ADD' as const }
      })
      const facts = { stream: 'events/0', nextOffset: sent, dead: {}, skipped: {} }
      return trainerBatch({ events: made, offsets, forgotten: [] }, facts, ...ids).batch
    },
  }
}

function hitsOf(core: Core): { readonly hits: number; readonly events: number } {
  return core.stats(false).quality.all.model ?? { hits: 0, events: 0 }
}
