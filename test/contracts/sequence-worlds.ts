// Networks and windows that every way of learning from windows is tried on: all kinds of blocks, odd widths, windows
// that begin at a user's start and later, repeats, negatives that are not allowed.

import type { HistoryBlock, NetworkSpec } from '../../src/ports/engine.ts'
import type { WindowBatch } from '../../src/ports/sequence-learner.ts'
import { createRandom } from '../../src/sample/random.ts'

export const itemsOfWorld = 40

const blocks: readonly HistoryBlock[] = [
  { kind: 'long', length: 12, power: 0.5 },
  { kind: 'short', length: 5, power: 0.5, decay: 0.7 },
  { kind: 'short', length: 30, power: 1, decay: 0.9 },
  { kind: 'time', length: 6, power: 0.5, seconds: 40 },
]

function spec(given: Partial<NetworkSpec>): NetworkSpec {
  const adagrad = { kind: 'adagrad', rate: 0.1, l2: 0, start: 0.1 } as const
  return {
    name: 'history.tried',
    users: 'history',
    model: 'nbpr',
    factors: 8,
    tower: 'user',
    depth: 3,
    blocks,
    startItem: true,
    output: 'ones',
    itemBias: true,
    noise: 0.3,
    rows: adagrad,
    bias: adagrad,
    dense: { kind: 'adam', rate: 0.001, l2: 0 },
    ...given,
  }
}

export const sequenceSpecs: readonly (readonly [string, NetworkSpec])[] = [
  ['NBPR', spec({})],
  ['DNCR, two hidden layers', spec({ model: 'dncr', depth: 4 })],
  ['DNCR, a linear tower', spec({ model: 'dncr', depth: 2, factors: 5 })],
  ['DNCR without a tower', spec({ model: 'dncr', depth: 1, itemBias: false })],
  ['NeuPR', spec({ model: 'neupr' })],
  ['NeuPR of odd width, no start item', spec({ model: 'neupr', factors: 7, startItem: false })],
]

/** Windows of 1 … 43 items with 1 … 9 targets; some have positives before what is given. */
export function windowsOf(seed: number, windows = 6): WindowBatch {
  const random = createRandom(seed, 'windows')
  const start = [0]
  const targets: number[] = []
  const items: number[] = []
  const times: number[] = []
  const before: number[] = []
  for (let w = 0; w < windows; w++) {
    const asked = 1 + random.below(9)
    const prefix = w === 0 ? 0 : w % 3 === 2 ? 30 + random.below(5) : random.below(30)
    let time = 0
    for (let x = 0; x < asked + prefix; x++) {
      items.push(random.below(itemsOfWorld))
      times.push((time += random.below(30)))
    }
    // As a caller does: either all there is, or as much as the longest block reaches.
    before.push(prefix >= 30 ? random.below(50) : 0)
    targets.push(asked)
    start.push(items.length)
  }
  const negatives = Int32Array.from({ length: 11 }, () => random.below(itemsOfWorld))
  const allowed = Uint8Array.from({ length: windows * 11 }, () => (random.below(4) > 0 ? 1 : 0))
  return {
    start: Int32Array.from(start),
    targets: Int32Array.from(targets),
    items: Int32Array.from(items),
    times: Float64Array.from(times),
    before: Int32Array.from(before),
    negatives,
    allowed,
    key: random.word() | 0,
  }
}
