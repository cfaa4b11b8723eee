// Specifications and seeded draws for the engine's tests and benches. Not a model of real events.

import type { DrawBatch, HistoryBlock, NetworkSpec } from '../../src/ports/engine.ts'

export const blocks: readonly HistoryBlock[] = [
  { kind: 'long', length: 100, power: 0.5 },
  { kind: 'short', length: 10, power: 0.5, decay: 0.8 },
  { kind: 'time', length: 30, power: 0.5, seconds: 600 },
]

/** The worker's history part (NBPR) unless changed. */
export function historySpec(change: Partial<NetworkSpec> = {}): NetworkSpec {
  return {
    name: 'history.test',
    users: 'history',
    model: 'nbpr',
    factors: 32,
    tower: 'user',
    depth: 4,
    blocks,
    startItem: true,
    output: 'ones',
    itemBias: true,
    noise: 0.02,
    rows: { kind: 'adagrad', rate: 0.1, l2: 0.006, start: 0.1 },
    bias: { kind: 'adagrad', rate: 0.2, l2: 0, start: 0.1 },
    dense: { kind: 'adam', rate: 0.001, l2: 0 },
    ...change,
  }
}

/** The worker's part of user rows (NBPR) unless changed. */
export function rowsSpec(change: Partial<NetworkSpec> = {}): NetworkSpec {
  return historySpec({
    name: 'rows.test',
    users: 'rows',
    blocks: [],
    startItem: false,
    rows: { kind: 'adagrad', rate: 0.2, l2: 0.02, start: 0.1 },
    ...change,
  })
}

export interface World {
  readonly seed: number
  readonly count: number
  readonly users: number
  readonly items: number
  /** Longest history of a draw; with `varied` each draw has its own length, 0 included. */
  readonly history: number
  readonly varied?: boolean
  readonly negatives?: number
  readonly choices?: number
}

/** mulberry32, for tests alone. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function draws(spec: NetworkSpec, world: World): DrawBatch {
  const { count, users, items, negatives = 4, choices = 4 } = world
  const next = numbers(world.seed)
  const below = (n: number) => Math.floor(next() * n)
  const historyStart = new Int32Array(count + 1)
  const historyLength = new Int32Array(count)
  const historyItems: number[] = []
  const historyAges: number[] = []
  const positives = Int32Array.from({ length: count }, () => below(items))
  const candidates = new Int32Array(count * negatives * choices)
  for (let k = 0; k < count; k++) {
    const length =
      spec.users === 'rows' ? 0 : world.varied ? below(world.history + 1) : world.history
    const own = new Set([positives[k]!])
    let age = 0
    while (own.size <= Math.min(length, items - 2)) own.add(below(items))
    own.delete(positives[k]!)
    for (const item of own) {
      historyItems.push(item)
      historyAges.push((age += next() * 60))
    }
    historyStart[k + 1] = historyItems.length
    historyLength[k] = own.size + (world.varied && next() < 0.3 ? 5 : 0)
    for (let c = 0; c < negatives * choices; c++) {
      let j = below(items)
      if (j === positives[k]) j = (j + 1) % items
      candidates[k * negatives * choices + c] = world.varied && next() < 0.15 ? -1 : j
    }
  }
  return {
    count,
    userRows: Int32Array.from({ length: count }, () => below(users)),
    historyStart,
    historyLength,
    historyItems: Int32Array.from(historyItems),
    historyAges: Float32Array.from(historyAges),
    positives,
    negatives,
    choices,
    candidates,
    direct: new Float32Array(negatives).fill(1 / negatives),
    mirrored: new Float32Array(negatives),
  }
}
