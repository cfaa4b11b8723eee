// What an event costs the learner over catalogues of several sizes, against the smallest of them. Every size has as
// many users with as many positives each; only the catalogue grows, and the same share of it is popular. The learners
// live in one process and learn in turns, a thousand events at a time, so that what other programs take falls on all
// alike; the medians of the turns are told. Then all pieces of the work are timed, for their shares.

import process from 'node:process'
import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../../src/config.ts'
import { addAction } from '../../../src/messages.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createLearner, type Learner } from '../../../src/trainer/model/learner.ts'
import type { BenchRow } from '../store.ts'
import { type Spent, timePiece, watch } from './pieces.ts'

const users = 10_000
const positivesEach = 20
const pieceEvents = 1_000
/** The first of them is left out: the JavaScript engine compiles in it. */
const turns = 8

export interface SizedEvents {
  readonly items: readonly number[]
  readonly flags: Readonly<Record<string, unknown>>
  readonly say: (line: string) => void
}

interface World {
  readonly items: number
  readonly learner: Learner
  readonly spent: Spent
  /** Learns `events` more events. */
  learn(events: number): void
  /** µs an event by what they went to, of each turn. */
  readonly costs: Map<string, number[]>
}

export function eventsAtSizes({ items, flags, say }: SizedEvents): BenchRow[] {
  const worlds = items
    .toSorted((a, b) => a - b)
    .map((size) => {
      say(`event: ${users} users take ${positivesEach} of ${size} items each`)
      return createFilledWorld(size, flags)
    })
  for (let turn = 0; turn < turns; turn++) for (const world of worlds) takeTurn(world, turn > 0)
  for (const world of worlds) watch(world.learner, world.spent)
  for (let turn = 0; turn < turns; turn++) for (const world of worlds) takeTurn(world, turn > 0)
  return worlds.flatMap((world) => rowsOf(world, worlds[0]!, say))
}

/** The catalogue is known and counted, and nothing is learned yet. */
function createFilledWorld(items: number, flags: SizedEvents['flags']): World {
  const bounds = { usersMax: Math.max(2_000_000, users), itemsMax: Math.max(1_000_000, items) }
  const { config } = readConfig({ flags: { seed: 7, ...bounds, ...flags }, env: {} })
  const learner = createLearner(config, createWasmEngine())
  const random = createRandom(11, 'sizes')
  let time = 1_600_000_000_000

  function meet(events: number, effort: number): void {
    for (let k = 0; k < events; k++) {
      const user = random.below(users)
      const draw = () => Math.floor(items * random.unit() ** 3)
      let item = draw()
      // What a user has already costs less, and in a small catalogue that would be often.
      while (learner.positives.has(user, item)) item = draw()
      learner.apply(user, item, (time += 1_000), addAction, effort)
    }
  }

  learner.apply(users - 1, items - 1, time, addAction, 0)
  meet(users * positivesEach, 0)
  const spent: Spent = new Map()
  timePiece(spent, learner.prequential, 'predict', 'predict')
  return { items, learner, spent, learn: (events) => meet(events, 1), costs: new Map() }
}

/** Of this process's own time, which others do not add to; by pieces in proportion to what the clock says. */
function takeTurn({ spent, learn, costs }: World, counts: boolean): void {
  for (const name of spent.keys()) spent.set(name, 0)
  const before = process.cpuUsage()
  const began = performance.now()
  learn(pieceEvents)
  const { user, system } = process.cpuUsage(before)
  const perMs = (user + system) / (performance.now() - began) / pieceEvents
  if (!counts) return
  const add = (name: string, cost: number) => costs.set(name, [...(costs.get(name) ?? []), cost])
  // Timed pieces cost what reading the clock does: the whole is that of turns without them.
  if (spent.size === 1) add('predict and learn', (user + system) / pieceEvents)
  for (const [name, ms] of spent) add(name, perMs * ms)
}

function rowsOf({ items, costs }: World, first: World, say: SizedEvents['say']): BenchRow[] {
  return [...costs].map(([name, found]) => {
    const value = median(found)
    const ratio = value / median(first.costs.get(name)!)
    say(`event: ${items} items: ${name}: ${value.toFixed(1)} µs, ${ratio.toFixed(2)} times`)
    return {
      ...{ bench: 'event', case: `items=${items}: ${name}`, engine: 'wasm', value },
      ...{ unit: 'µs/event', against: `${first.items} items`, ratio },
    }
  })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
