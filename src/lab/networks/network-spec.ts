// What `--model` and `--parts` mean as networks: the paper's own with a row per user, and the same models over the
// user's history. The numbers are defaults chosen on validation data, never on the test.

import type { HistoryBlock, NetworkSpec } from '../../ports/engine.ts'
import { type NetworkTraining, paperTraining } from './network-model.ts'
import type { WindowTraining } from './window-model.ts'

export const networkNames = ['nbpr', 'dncr', 'neupr'] as const
export type NetworkName = (typeof networkNames)[number]
export const offlineParts = ['rows', 'history'] as const
export type OfflineParts = (typeof offlineParts)[number]
/** How a history model learns: draw after draw as the worker does, or many windows at once. */
export const learningWays = ['windows', 'draws'] as const
export type LearningWay = (typeof learningWays)[number]

export interface NetworkChoice {
  readonly model: NetworkName
  readonly parts: OfflineParts
  readonly factors: number
  readonly depth: number
  readonly rate: number
  readonly ratio: number
  readonly batch: number
  /** `parts: rows`: instead of the joint one. */
  readonly tower?: 'user' | 'joint'
  /** `parts: history`: instead of the default. */
  readonly blocks?: readonly HistoryBlock[]
}

/** Blocks that use no ages: logs with an order but no times can be evaluated, too. */
const drawBlocks: readonly HistoryBlock[] = [
  { kind: 'long', length: 100, power: 0.5 },
  { kind: 'short', length: 50, power: 0.5, decay: 0.95 },
  { kind: 'short', length: 10, power: 0.5, decay: 0.7 },
]
/** Long blocks cost no more than short ones: their sums slide along the window. */
const windowBlocks: readonly HistoryBlock[] = [
  { kind: 'long', length: 1000, power: 0.5 },
  { kind: 'short', length: 100, power: 0.5, decay: 0.97 },
  { kind: 'short', length: 30, power: 0.5, decay: 0.85 },
  { kind: 'short', length: 6, power: 0.5, decay: 0.5 },
]

export function networkFor(choice: NetworkChoice): {
  readonly spec: NetworkSpec
  readonly training: NetworkTraining
} {
  return choice.parts === 'rows' ? paperNetwork(choice) : historyNetwork(choice)
}

/** Sections 4 and 5 of the paper: joint tower, learned output, Adam on everything, binary cross-entropy. */
function paperNetwork(choice: NetworkChoice) {
  const { model, factors, depth, rate, ratio, batch } = choice
  const adam = { kind: 'adam', rate, l2: 0 } as const
  const spec: NetworkSpec = {
    name: `rows.${model}`,
    users: 'rows',
    model,
    factors,
    tower: choice.tower ?? 'joint',
    depth,
    blocks: [],
    startItem: false,
    output: 'learned',
    itemBias: false,
    noise: 0.05,
    rows: adam,
    bias: adam,
    dense: adam,
  }
  return { spec, training: paperTraining(ratio, batch) }
}

/** The user is their history, learned from windows: `ratio` negatives that all targets of `batch` windows share. */
export function windowNetwork(choice: Omit<NetworkChoice, 'parts'>, options: WindowOptions) {
  const { spec } = historyNetwork({ ...choice, blocks: choice.blocks ?? windowBlocks })
  const [dropItems, dropQuery, dropTower] = options.dropout
  const training: WindowTraining = {
    epochs: options.epochs,
    windows: choice.batch,
    targets: 64,
    negatives: choice.ratio,
    rate: choice.rate,
    decay: options.decay,
    averaged: options.averaged,
    dropItems,
    dropQuery,
    dropTower,
  }
  return { spec: { ...spec, noise: 0.05 }, training }
}

export interface WindowOptions {
  readonly epochs: number
  /** Of items of a history, columns of the query, columns of the tower's input. */
  readonly dropout: readonly [number, number, number]
  readonly decay: number
  readonly averaged: number
}

/** The user is their history: scores give a total order; several hard negatives per positive. */
function historyNetwork(choice: Omit<NetworkChoice, 'parts'>) {
  const { model, factors, depth, rate, ratio, batch } = choice
  const spec: NetworkSpec = {
    name: `history.${model}`,
    users: 'history',
    model,
    factors,
    tower: 'user',
    depth,
    blocks: choice.blocks ?? drawBlocks,
    startItem: true,
    output: 'ones',
    itemBias: true,
    noise: 0.02,
    rows: { kind: 'adagrad', rate, l2: 0.002, start: 0.1 },
    bias: { kind: 'adagrad', rate: 2 * rate, l2: 0, start: 0.1 },
    dense: { kind: 'adam', rate: 0.0005, l2: 0 },
  }
  const each = Array.from({ length: ratio }, () => 1 / ratio)
  const none = each.map(() => 0)
  const training: NetworkTraining = {
    draws: batch,
    updates: 'each',
    negatives: ratio,
    choices: 4,
    direct: each,
    mirrored: none,
  }
  return { spec, training }
}
