// A stream played live and strictly: the two differ by what shares a moment and by nothing else, and a leak through
// time shows in the figures of whoever can see it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { type Arrivals, arrivalsOf } from '../../../src/lab/stream/arrivals.ts'
import { createOldTastes } from '../../../src/lab/stream/old-tastes.ts'
import { type ReplayOptions, type ReplayResult, replay } from '../../../src/lab/stream/replay.ts'
import type { MakeBaseline } from '../../../src/measure/prequential.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { planLearner } from '../../../src/trainer/model/plan.ts'
import { configOf } from '../../trainer/stream.ts'

function played(
  arrivals: Arrivals,
  strict: boolean,
  more: Partial<ReplayOptions> = {},
): Promise<ReplayResult> {
  let ms = 0
  let reads = 0
  return replay(arrivals, {
    config: configOf({ effort: 'light', model: 'nbpr', factors: 8 }),
    engine: createWasmEngine(),
    strict,
    nowMs: () => ms++,
    // Every second reading ends some work.
    processorMs: () => (ms += ++reads > 4_000 && reads % 2 === 0 ? 2 : 1),
    ...more,
  })
}

const row = (user: string, item: string, timestamp: number) => ({ user, item, timestamp })

/** 200 users take an item each; then, at one moment, user a takes three and user b one, and later a one more. */
function tiny(): Arrivals {
  const rows = Array.from({ length: 200 }, (_, k) => row(`u${k}`, `i${k}`, k))
  rows.push(row('a', 'i7', 500), row('b', 'i9', 500), row('a', 'i8', 500), row('a', 'i1', 500))
  rows.push(row('a', 'i3', 501))
  return arrivalsOf(rows)
}

/** Writes down what a baseline is asked and told: the item with the history, newest first. */
function diary(): { readonly lines: string[]; readonly make: MakeBaseline } {
  const lines: string[] = []
  const history = ({ users }: Parameters<ReturnType<MakeBaseline>['observe']>[0]) =>
    [...users.historyItems.subarray(0, users.historyStart[1])].join(' ')
  return {
    lines,
    make: () => ({
      name: 'diary',
      score(moment, items) {
        // The whole catalogue is asked for in between.
        if (items.length === 101) lines.push(`rank ${items[0]} after [${history(moment)}]`)
      },
      observe: (moment, item) => void lines.push(`learn ${item} after [${history(moment)}]`),
    }),
  }
}

test('live: an event is learned before the next one of the same moment is predicted', async () => {
  const { lines, make } = diary()
  await played(tiny(), false, { baselines: [make] })
  assert.deepEqual(lines.slice(200), [
    'rank 7 after []',
    'learn 7 after []',
    'rank 9 after []',
    'learn 9 after []',
    'rank 8 after [7]',
    'learn 8 after [7]',
    'rank 1 after [8 7]',
    'learn 1 after [8 7]',
    'rank 3 after [1 8 7]',
    'learn 3 after [1 8 7]',
  ])
})

test('strict: a moment is predicted whole before it is learned, and hides from itself', async () => {
  const { lines, make } = diary()
  await played(tiny(), true, { baselines: [make] })
  assert.deepEqual(lines.slice(200), [
    'rank 7 after []',
    'rank 9 after []',
    'rank 8 after []',
    'rank 1 after []',
    'learn 7 after []',
    'learn 9 after []',
    // What was taken together is counted together once it is known.
    'learn 8 after [7]',
    'learn 1 after [8 7]',
    'rank 3 after [1 8 7]',
    'learn 3 after [1 8 7]',
  ])
})

/** Users take items without any order, but every item comes `after` ms behind its twin, which says what it will be. */
function twins(after: number): Arrivals {
  const random = createRandom(5)
  const rows = []
  for (let k = 0; k < 1_500; k++) {
    const [user, pair] = [`u${random.below(60)}`, random.below(100)]
    rows.push(row(user, `a${pair}`, 10 * k), row(user, `b${pair}`, 10 * k + after))
  }
  return arrivalsOf(rows)
}

/** The same with every item a little behind its twin; a run of it is looked at by more than one test. */
const behind = {
  live: once(() => played(twins(1), false)),
  strict: once(() => played(twins(1), true)),
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

test('a leak from the same moment shows live and is closed by strict; one from before shows in both', async () => {
  const hits = async (run: Promise<ReplayResult>) => (await run).quality.model!.last30.hr10!
  const [sameLive, sameStrict] = [
    await hits(played(twins(0), false)),
    await hits(played(twins(0), true)),
  ]
  assert.ok(sameLive > 0.45, `half of the items are given away: ${sameLive}`)
  assert.ok(sameStrict < 0.25, `nothing is given away: ${sameStrict}`)
  const [beforeLive, beforeStrict] = [await hits(behind.live()), await hits(behind.strict())]
  assert.ok(beforeLive > 0.45 && beforeStrict > 0.45, `${beforeLive}, ${beforeStrict}`)
})

test('where no two events share a moment, strict is live to the last digit', async () => {
  const { seconds: _, cost: __, ...live } = await behind.live()
  const { seconds: ___, cost: ____, ...strict } = await behind.strict()
  assert.deepEqual(strict, live)
})

test('every ranker of a run has every span, and each part its cost', async () => {
  const { quality, events, cost, oldTastes, wholeCatalogue } = await behind.live()
  assert.ok(events.last30 > 0 && events.middle > 0)
  for (const name of [
    'model',
    'history.nbpr',
    'rows.nbpr',
    'neighbours',
    'popularity',
    'itemKnn',
  ]) {
    assert.ok(quality[name]!.all.hr10! >= 0, name)
  }
  for (const part of ['fusion', 'history.nbpr', 'rows.nbpr', 'neighbours', 'trend']) {
    assert.ok(cost[part]! > 0, part)
  }
  assert.ok(oldTastes.probes > 0)
  assert.ok(wholeCatalogue.events > 10)
  assert.deepEqual(Object.keys(wholeCatalogue.quality), ['model', 'popularity', 'itemKnn'])
  assert.deepEqual(Object.keys(oldTastes.at30), Object.keys(oldTastes.atEnd))
})

test('a part alone is measured by what it says, whichever way its output weight points', async () => {
  const config = configOf({ effort: 'light', model: 'nbpr', factors: 8, fusionRate: 0 })
  const hits = async (start: number) => {
    const plan = planLearner(config)
    const networks = plan.networks.map((one) => ({
      ...one,
      start,
      returningUserBias: 0,
      returningLongBias: 0,
    }))
    return (await played(twins(1), false, { config, plan: { ...plan, networks } })).quality
  }
  const [up, down] = [await hits(0.4), await hits(-0.4)]
  assert.deepEqual(down['history.nbpr'], up['history.nbpr'])
  assert.ok(down.model!.last30.hr10! < up.model!.last30.hr10!, 'the sum is turned all the same')
})

test('a mark of 30 % in the middle of a step is passed when the step is learned', async () => {
  const rows = Array.from({ length: 300 }, (_, k) => row(`u${k % 20}`, `i${k}`, k))
  // One day holds the mark, and all that some users ever do.
  for (let k = 0; k < 600; k++) rows.push(row(`v${k % 30}`, `i${(7 * k) % 290}`, 1_000))
  for (let k = 0; k < 200; k++) rows.push(row(`w${k % 20}`, `i${k}`, 2_000 + k))
  const arrivals = arrivalsOf(rows)
  const { oldTastes } = await played(arrivals, true)
  assert.ok(oldTastes.probes >= 20)
  const onlyStep = arrivalsOf(rows.slice(0, 900).map((one) => ({ ...one, timestamp: 5 })))
  assert.ok((await played(onlyStep, true)).oldTastes.probes > 0, 'a stream of a single step')
})

test('an item that nobody but the withheld event of the mark has may be among those of old tastes', async () => {
  const rows = Array.from({ length: 299 }, (_, k) => row(`u${k % 20}`, `i${k % 190}`, k))
  rows.push(row('u19', 'newest', 299))
  for (let k = 0; k < 700; k++) rows.push(row(`v${k % 35}`, `i${(7 * k) % 190}`, 300 + k))
  const arrivals = arrivalsOf(rows)
  const withholds = (seed: number) => {
    const old = createOldTastes(arrivals, createRandom(seed, 'old tastes'))
    assert.equal(old.begins, 300)
    return old.withholds(299)
  }
  const seed = Array.from({ length: 100 }, (_, k) => k).find(withholds)
  assert.ok(seed !== undefined)
  const config = configOf({ effort: 'light', model: 'nbpr', factors: 8, seed })
  const { oldTastes } = await played(arrivals, false, { config })
  assert.equal(oldTastes.probes, 20)
})
