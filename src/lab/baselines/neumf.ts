// NeuMF (He et al., WWW 2017): GMF beside a ReLU tower, separate tables, one sigmoid output,
//     x = w·[P_u ⊙ Q_i ; relu-tower([A_u ; B_i])] + b,   tower 4f → 2f → f,
// binary cross-entropy on every positive and `ratio` negatives of the same user, Adam on batches.

import type { Random } from '../../sample/random.ts'
import { shuffled } from '../../sample/random.ts'
import type { OfflineScorer } from '../offline/judge.ts'
import type { Split } from '../offline/leave-one-out.ts'
import { snapshotOf, type Trainable } from '../offline/training.ts'
import { createTable, type Table } from './adam-table.ts'
import { membership, usersOfEvents } from './membership.ts'

export interface NeumfOptions {
  readonly factors: number
  readonly rate?: number
  readonly ratio?: number
  readonly batch?: number
}

export function neumf(split: Split, options: NeumfOptions, random: Random): Trainable {
  const { factors: f, rate = 0.001, ratio = 4, batch = 256 } = options
  const net = createNet(split.users.length, split.items.length, f, random)
  const { drawNegative } = membership(split)
  const users = usersOfEvents(split)
  const positives = split.train.items
  let step = 0

  return {
    epoch() {
      const order = shuffled(positives.length * (1 + ratio), random)
      let loss = 0
      for (let from = 0; from < order.length; from += batch) {
        const end = Math.min(from + batch, order.length)
        for (let x = from; x < end; x++) {
          const instance = order[x]!
          const at = Math.floor(instance / (1 + ratio))
          const label = instance % (1 + ratio) === 0 ? 1 : 0
          const item = label === 1 ? positives[at]! : drawNegative(users[at]!, random)
          if (item >= 0) loss += net.learn(users[at]!, item, label, 1 / (end - from))
        }
        step++
        for (const table of net.tables) table.apply(rate, step)
      }
      return loss / Math.max(1, order.length)
    },
    scorer: () => net.scorer(),
    snapshot: snapshotOf(net.tables.map((table) => table.weights)),
  }
}

interface Net {
  readonly tables: readonly Table[]
  /**
   * By the parameters of now. The first layer is linear in [A_u ; B_i]: its share of each item is made once for all
   * users, that of the user once for all items, which leaves a fifth of the work.
   */
  scorer(): OfflineScorer
  /** Adds the gradient of share · cross-entropy; returns the loss of this instance. */
  learn(user: number, item: number, label: number, share: number): number
}

function createNet(users: number, items: number, f: number, random: Random): Net {
  const P = createTable(users, f, 0.05, random)
  const Q = createTable(items, f, 0.05, random)
  const A = createTable(users, 2 * f, 0.05, random)
  const B = createTable(items, 2 * f, 0.05, random)
  // He's start for ReLU layers; a layer's row holds its weights and, last, its bias.
  const first = createTable(2 * f, 4 * f + 1, Math.sqrt(2 / (4 * f)), random)
  const second = createTable(f, 2 * f + 1, Math.sqrt(2 / (2 * f)), random)
  const out = createTable(1, 2 * f + 1, Math.sqrt(1 / (2 * f)), random)
  const x0 = new Float32Array(4 * f)
  const x1 = new Float32Array(2 * f)
  const x2 = new Float32Array(f)
  const d0 = new Float32Array(4 * f)
  const d1 = new Float32Array(2 * f)
  const d2 = new Float32Array(f)

  function logit(user: number, item: number): number {
    for (let k = 0; k < 2 * f; k++) {
      x0[k] = A.weights[user * 2 * f + k]!
      x0[2 * f + k] = B.weights[item * 2 * f + k]!
    }
    relu(first, x0, x1)
    return upper(user, item)
  }

  /** The logit from the first layer's output on. */
  function upper(user: number, item: number): number {
    relu(second, x1, x2)
    const w = out.weights
    let z = w[2 * f]!
    for (let k = 0; k < f; k++) {
      z += w[k]! * P.weights[user * f + k]! * Q.weights[item * f + k]! + w[f + k]! * x2[k]!
    }
    return z
  }

  return {
    tables: [P, Q, A, B, first, second, out],
    scorer: () => scorerOf({ items, f, first, A, B, x1, upper }),
    learn(user, item, label, share) {
      const z = logit(user, item)
      const e = (1 / (1 + Math.exp(-z)) - label) * share
      for (const table of [P, A]) table.touch(user)
      for (const table of [Q, B]) table.touch(item)
      out.touch(0)
      const w = out.weights
      for (let k = 0; k < f; k++) {
        const p = P.weights[user * f + k]!
        const q = Q.weights[item * f + k]!
        P.gradient[user * f + k]! += e * w[k]! * q
        Q.gradient[item * f + k]! += e * w[k]! * p
        d2[k] = e * w[f + k]!
        out.gradient[k]! += e * p * q
        out.gradient[f + k]! += e * x2[k]!
      }
      out.gradient[2 * f]! += e
      back(second, x1, x2, d2, d1)
      back(first, x0, x1, d1, d0)
      for (let k = 0; k < 2 * f; k++) {
        A.gradient[user * 2 * f + k]! += d0[k]!
        B.gradient[item * 2 * f + k]! += d0[2 * f + k]!
      }
      return Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z)))
    },
  }
}

interface ScorerParts {
  readonly items: number
  readonly f: number
  /** The first layer, and the rows that are its input. */
  readonly first: Table
  readonly A: Table
  readonly B: Table
  /** The first layer's output, which upper() reads. */
  readonly x1: Float32Array
  readonly upper: (user: number, item: number) => number
}

function scorerOf({ items, f, first, A, B, x1, upper }: ScorerParts): OfflineScorer {
  const ofItems = new Float32Array(items * 2 * f)
  for (let item = 0; item < items; item++) {
    addShare(first, B.weights, item, 2 * f, ofItems.subarray(item * 2 * f, (item + 1) * 2 * f))
  }
  const ofUser = new Float32Array(2 * f)
  return (user, asked, count, out) => {
    for (let row = 0; row < 2 * f; row++) ofUser[row] = first.weights[(row + 1) * first.width - 1]!
    addShare(first, A.weights, user, 0, ofUser)
    for (let x = 0; x < count; x++) {
      const item = asked[x]!
      for (let row = 0; row < 2 * f; row++) {
        x1[row] = Math.max(ofUser[row]! + ofItems[item * 2 * f + row]!, 0)
      }
      out[x] = upper(user, item)
    }
  }
}

/** y += the columns of W from `column` on · row `of` of a table half as wide as W's input. */
function addShare(layer: Table, table: Float32Array, of: number, column: number, y: Float32Array) {
  const n = y.length
  for (let row = 0; row < n; row++) {
    let sum = y[row]!
    for (let k = 0; k < n; k++) {
      sum += layer.weights[row * layer.width + column + k]! * table[of * n + k]!
    }
    y[row] = sum
  }
}

/** y = relu(W·x + b). */
function relu(layer: Table, x: Float32Array, y: Float32Array): void {
  const width = layer.width
  for (let row = 0; row < y.length; row++) {
    let sum = layer.weights[row * width + width - 1]!
    for (let k = 0; k < width - 1; k++) sum += layer.weights[row * width + k]! * x[k]!
    y[row] = Math.max(sum, 0)
  }
}

/** From the gradient dy of y: the layer's gradients are added to, dx is set. */
function back(
  layer: Table,
  x: Float32Array,
  y: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): void {
  const width = layer.width
  dx.fill(0)
  for (let row = 0; row < y.length; row++) {
    layer.touch(row)
    if (y[row]! <= 0) continue
    const d = dy[row]!
    for (let k = 0; k < width - 1; k++) {
      layer.gradient[row * width + k]! += d * x[k]!
      dx[k]! += d * layer.weights[row * width + k]!
    }
    layer.gradient[row * width + width - 1]! += d
  }
}
