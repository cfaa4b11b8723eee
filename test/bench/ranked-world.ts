// A world to rank in: who took what, made up from a seed or read from a file of events, and the paper's NeuPR trained
// on it. Trained, because a network at its start orders items by noise alone.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import type { DrawBatch, Engine, Network, NetworkSpec } from '../../src/ports/engine.ts'
import { numbers } from '../contracts/engine-worlds.ts'

export interface RankedWorld {
  readonly users: number
  readonly items: number
  /** What each user took, without repeats. */
  readonly taken: readonly (readonly number[])[]
}

/** As many users and items as MovieLens 1M has after the paper's filter; tastes of six dimensions over popularity. */
export function madeUpWorld(users = 6_040, items = 3_260, each = 80): RankedWorld {
  const next = numbers(11)
  const taste = () => Array.from({ length: 6 }, () => next() + next() + next() - 1.5)
  const tastes = Array.from({ length: items }, taste)
  const taken = Array.from({ length: users }, () => {
    const own = taste()
    const got = new Set<number>()
    while (got.size < each) {
      const item = Math.floor(items * next() ** 3)
      const fit = own.reduce((sum, x, d) => sum + x * tastes[item]![d]!, 0)
      if (next() < 1 / (1 + Math.exp(4 - 4 * fit))) got.add(item)
    }
    return [...got]
  })
  return { users, items, taken }
}

/** Columns user, item, … under a line of names, gzipped; users and items with ten events or more, counted once. */
export function worldOf(path: string): RankedWorld {
  const [, ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  const events = lines.map((line) => line.split('\t', 2) as [string, string])
  const counts = new Map<string, number>()
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const [user, item] of events) [`u${user}`, `i${item}`].forEach(count)
  const ids = { users: new Map<string, number>(), items: new Map<string, number>() }
  const idOf = (names: Map<string, number>, name: string) => {
    if (!names.has(name)) names.set(name, names.size)
    return names.get(name)!
  }
  const taken: number[][] = []
  for (const [user, item] of events) {
    if (counts.get(`u${user}`)! < 10 || counts.get(`i${item}`)! < 10) continue
    ;(taken[idOf(ids.users, user)] ??= []).push(idOf(ids.items, item))
  }
  return { users: ids.users.size, items: ids.items.size, taken }
}

/** `epochs` times every positive with one negative and its mirror, batches of 512. */
export function trained(
  world: RankedWorld,
  spec: NetworkSpec,
  epochs: number,
  engine: Engine = createWasmEngine(),
): Network {
  const network = engine.create(spec, 5)
  network.grow(world.users, world.items)
  const next = numbers(23)
  const pairs = world.taken.flatMap((items, user) => items.map((item) => [user, item] as const))
  const has = world.taken.map((items) => new Set(items))
  const batch = emptyBatch(512)
  for (let n = 0; n < epochs * pairs.length; n++) {
    const [user, item] = pairs[Math.floor(next() * pairs.length)]!
    let j = Math.floor(next() * world.items)
    while (has[user]!.has(j)) j = Math.floor(next() * world.items)
    batch.userRows[batch.count] = user
    batch.positives[batch.count] = item
    batch.candidates[batch.count++] = j
    if (batch.count < 512) continue
    network.step(batch, 'together')
    batch.count = 0
  }
  return network
}

/** Draws of users with rows, one negative with its mirror each. */
export function emptyBatch(draws: number): DrawBatch {
  return {
    count: 0,
    userRows: new Int32Array(draws),
    historyStart: new Int32Array(draws + 1),
    historyItems: new Int32Array(0),
    historyAges: new Float32Array(0),
    historyLength: new Int32Array(draws),
    positives: new Int32Array(draws),
    negatives: 1,
    choices: 1,
    candidates: new Int32Array(draws),
    direct: Float32Array.of(1),
    mirrored: Float32Array.of(1),
  }
}
