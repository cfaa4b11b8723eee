// Lists that are ranked in stages equal those of a scan of the whole catalogue, item by item and bit by bit, while the
// model learns and the catalogue grows, and with rows that no training would produce.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { addAction, removeAction } from '../../../src/messages.ts'
import type { Engine } from '../../../src/ports/engine.ts'
import { createAvailability } from '../../../src/remember/availability/availability.ts'
import { createRecommender, type Recommender } from '../../../src/trainer/lists/recommender.ts'
import { createLearner, type Learner } from '../../../src/trainer/model/learner.ts'
import { planLearner } from '../../../src/trainer/model/plan.ts'
import { numbers } from '../../contracts/engine-worlds.ts'
import { configOf } from '../stream.ts'

const users = 12

/** Two learners of the same events: one ranks in stages, the other scans all. */
function pairOf(flags: Record<string, unknown>): { learner: Learner; scans: () => number }[] {
  const config = configOf(flags)
  const plan = { ...planLearner(config), stagedItemsMin: 1 }
  const engine = createWasmEngine()
  let bounded = 0
  const staged: Engine = {
    ...engine,
    itemScan() {
      const scan = engine.itemScan!()
      const { above } = scan
      return Object.assign(scan, {
        above(threshold: number) {
          bounded++
          return above(threshold)
        },
      })
    },
  }
  const { itemScan: _, ...plain } = engine
  return [staged, plain].map((own) => ({
    learner: createLearner(config, own, { plan }),
    scans: () => bounded,
  }))
}

interface World {
  readonly seed: number
  readonly items: number
  /** Rows are multiplied by powers of ten up to it. */
  readonly spread: number
  /** Of the items, how many are copies of others, so that scores tie. */
  readonly copied: number
  readonly parts: string
  /** With a hidden layer the list is chosen from a shortlist. */
  readonly hiddenUnits: number
  /** What users have may be listed again. */
  readonly repeats: boolean
  /** Items that the feed changes between two lists. */
  readonly changes: number
}

/** Gives both learners the same rows, such as no training would produce. */
function distort(learners: readonly Learner[], world: World): void {
  for (const { networks } of learners) {
    const next = numbers(world.seed + 5)
    for (const { network } of networks) {
      for (const [name, { shape, data }] of network.tensors()) {
        if (!/\/(nbpr\.item|dncr\.item|item\.bias)$/.test(name)) continue
        const [rows = 0, columns = 0] = shape
        for (let i = 0; i < rows; i++) {
          const by = 10 ** (world.spread * (next() - 0.5))
          const from = next() < world.copied ? Math.floor(next() * rows) : i
          for (let c = 0; c < columns; c++) {
            data[i * columns + c] = by * data[from * columns + c]! + (world.spread ? 0 : 0.1 * by)
          }
        }
      }
    }
  }
}

/** undefined where a score of the model is not a finite number. */
function listOrNotFinite(best: Recommender['toUser'], ...of: Parameters<typeof best>) {
  try {
    return best(...of)
  } catch (error) {
    const { cause } = error as Error
    const told = cause instanceof RangeError ? cause : error
    if (told instanceof RangeError && /is NaN|Infinity/.test(told.message)) return undefined
    throw error
  }
}

function play(world: World): number {
  const { parts, repeats, hiddenUnits } = world
  const [staged, plain] = pairOf({ parts, repeats, hiddenUnits, factors: 8 })
  const learners = [staged!.learner, plain!.learner]
  const availability = createAvailability({ unnamed: 'listed', statesMax: 10_000 })
  const feed = { availability, nowMs: () => 0 }
  const lists = learners.map((learner) => createRecommender(learner, feed).toUser)
  const all = createRecommender(plain!.learner).toUser
  const next = numbers(world.seed)
  let time = 0
  let known = world.items
  let named = 0
  const apply = (user: number, item: number, silent: boolean) => {
    time += 1_000 * Math.floor(10 ** (5 * next()))
    for (const learner of learners) {
      if (silent) learner.remember(user, item, time, addAction)
      else learner.apply(user, item, time, addAction, 1)
    }
  }
  for (let item = 0; item < known; item++) apply(Math.floor(next() * users), item, true)
  distort(learners, world)
  for (let round = 0; round < 60; round++) {
    for (let e = 0; e < 3; e++) {
      apply(Math.floor(next() * users), Math.floor(known * next() ** 3), false)
    }
    // A new item, and now and then one that nobody has any more.
    if (round % 7 === 0) apply(Math.floor(next() * users), known++, false)
    if (round % 11 === 0) {
      const item = round % known
      for (const { positives, apply } of learners) {
        for (let user = 0; user < users; user++) {
          if (positives.has(user, item)) apply(user, item, time + 1, removeAction, 1)
        }
      }
    }
    for (; named < known; named++) availability.named(named, String(named))
    // Mostly popular items go out of stock; some of them come back.
    for (let e = 0; e < world.changes; e++) {
      const item = String(Math.floor(known * next() ** 3))
      availability.apply([{ item, available: next() < 0.3 }], 0)
    }
    if (round % 5 === 0) staged!.learner.preference.prepare!(known)
    const user = Math.floor(next() * users)
    const k = next() < 0.1 ? 120 : 1 + Math.floor(next() * 12)
    const theirs = listOrNotFinite(lists[1]!, user, k, time)
    // Rows so large that learning has made them infinite or NaN: there is no list to agree on.
    if (theirs === undefined) break
    assert.deepEqual(lists[0]!(user, k, time), theirs, `round ${round}: ${JSON.stringify(world)}`)
    if (hiddenUnits > 0) continue
    // And that is the list of all items without those that may not be listed.
    const whole = [...all(user, 1_000, time).items].filter((item) => !availability.isUnlisted(item))
    assert.deepEqual([...theirs.items], whole.slice(0, k))
  }
  return staged!.scans()
}

test('lists that are ranked in stages are those of a scan of the whole catalogue', () => {
  const worlds = fc.record({
    seed: fc.nat(1e6),
    items: fc.integer({ min: 1, max: 700 }),
    spread: fc.constantFrom(0, 0, 2, 8),
    copied: fc.constantFrom(0, 0.3, 0.95),
    changes: fc.constantFrom(0, 1, 20),
    repeats: fc.boolean(),
    hiddenUnits: fc.constantFrom(0, 12),
    parts: fc.constantFrom(
      'history,rows,neighbours,trend,match,freshness',
      'history,match,freshness',
      'rows,freshness',
      'history',
      'rows,trend',
      'history,neighbours',
    ),
  })
  let scans = 0
  const property = fc.property(worlds, (world) => {
    scans += play(world)
  })
  fc.assert(property, { numRuns: 25 })
  assert.ok(scans > 500, `${scans} lists were ranked in stages`)
})

test('a list chosen from a few candidates is nearly the list chosen from all items', () => {
  const [staged, plain] = pairOf({
    parts: 'history,rows,neighbours,trend',
    factors: 8,
    candidates: 40,
  })
  const learners = [staged!.learner, plain!.learner]
  const lists = learners.map((learner) => createRecommender(learner).toUser)
  const next = numbers(3)
  const items = 400
  let found = 0
  let all = 0
  for (let n = 0; n < 4_000; n++) {
    const [user, item] = [Math.floor(next() * users), Math.floor(items * next() ** 2)]
    for (const learner of learners)
      learner.apply(user, item, n * 1_000, addAction, n % 4 === 0 ? 1 : 0)
    if (n < 2_000 || n % 50 > 0) continue
    const [few, exact] = lists.map((list) => list(user, 10, n * 1_000))
    for (const item of few!.items) assert.ok(!staged!.learner.positives.has(user, item))
    assert.equal(few!.items.length, 10)
    found += few!.items.filter((item) => exact!.items.includes(item)).length
    all += exact!.items.length
  }
  assert.ok(staged!.scans() < 20)
  assert.ok(found > 0.9 * all, `${found} of ${all}`)
})
