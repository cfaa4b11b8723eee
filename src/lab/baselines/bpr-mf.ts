// BPR-MF (Rendle et al., UAI 2009): x_ui = b_i + U_u·V_i, learned by stochastic steps on ln σ(x_ui - x_uj).
// Symbols: u user, i positive, j negative, f factors.

import type { Random } from '../../sample/random.ts'
import { shuffled } from '../../sample/random.ts'
import type { OfflineScorer } from '../offline/judge.ts'
import type { Split } from '../offline/leave-one-out.ts'
import { snapshotOf, type Trainable } from '../offline/training.ts'
import { membership, usersOfEvents } from './membership.ts'

export interface BprOptions {
  readonly factors: number
  readonly rate?: number
  /** L2 on the rows of a step, users and items. */
  readonly l2?: number
  /** Negatives drawn per positive and epoch. */
  readonly ratio?: number
}

export function bprMf(split: Split, options: BprOptions, random: Random): Trainable {
  const { factors: f, rate = 0.05, l2 = 0.01, ratio = 1 } = options
  const start = (rows: number) =>
    Float32Array.from({ length: rows * f }, () => 0.1 * random.normal())
  const U = start(split.users.length)
  const V = start(split.items.length)
  const bias = new Float32Array(split.items.length)
  const { drawNegative } = membership(split)
  const users = usersOfEvents(split)
  const positives = split.train.items

  function step(u: number, i: number, j: number): number {
    const pu = u * f
    const pi = i * f
    const pj = j * f
    let x = bias[i]! - bias[j]!
    for (let k = 0; k < f; k++) x += U[pu + k]! * (V[pi + k]! - V[pj + k]!)
    const pull = 1 / (1 + Math.exp(x))
    for (let k = 0; k < f; k++) {
      const uk = U[pu + k]!
      const ik = V[pi + k]!
      const jk = V[pj + k]!
      U[pu + k] = uk + rate * (pull * (ik - jk) - l2 * uk)
      V[pi + k] = ik + rate * (pull * uk - l2 * ik)
      V[pj + k] = jk + rate * (-pull * uk - l2 * jk)
    }
    bias[i]! += rate * (pull - l2 * bias[i]!)
    bias[j]! += rate * (-pull - l2 * bias[j]!)
    return -Math.log(Math.max(1 - pull, 1e-12))
  }

  return {
    epoch() {
      let loss = 0
      let steps = 0
      for (const at of shuffled(positives.length, random)) {
        for (let draw = 0; draw < ratio; draw++) {
          const j = drawNegative(users[at]!, random)
          if (j < 0) continue
          loss += step(users[at]!, positives[at]!, j)
          steps++
        }
      }
      return loss / Math.max(1, steps)
    },
    scorer: () => dotScorer(U, V, f, bias),
    snapshot: snapshotOf([U, V, bias]),
  }
}

/** b_i + U_u·V_i. */
export function dotScorer(
  U: Float32Array | Float64Array,
  V: Float32Array | Float64Array,
  f: number,
  bias?: Float32Array,
): OfflineScorer {
  return (user, items, count, out) => {
    for (let x = 0; x < count; x++) {
      const i = items[x]!
      let sum = bias === undefined ? 0 : bias[i]!
      for (let k = 0; k < f; k++) sum += U[user * f + k]! * V[i * f + k]!
      out[x] = sum
    }
  }
}
