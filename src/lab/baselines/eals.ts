// eALS (He et al., SIGIR 2016): matrix factorisation on the whole matrix. Missing entries are weighted by popularity,
// and one coordinate at a time is solved, with caches. Loss
//     Σ_{observed} (1 - x_ui)² + Σ_{missing} c_i x_ui² + λ(|U|² + |V|²),   c_i = w0·n_i^α / Σ n^α.
// Symbols: u user, i item, f factors, x = U_u·V_i, SV = Σ c_i V_i V_iᵀ, SU = Σ U_u U_uᵀ.

import type { Random } from '../../sample/random.ts'
import type { Log, Split } from '../offline/leave-one-out.ts'
import { snapshotOf, type Trainable } from '../offline/training.ts'
import { dotScorer } from './bpr-mf.ts'

export interface EalsOptions {
  readonly factors: number
  /** w0, the total weight of the missing entries, shared among the items. */
  readonly missingWeight?: number
  /** α: 0 treats all items alike. */
  readonly popularityPower?: number
  readonly l2?: number
}

/** Sparse rows: the columns of row r are columns[start[r] … start[r+1]). */
interface Sparse {
  readonly start: Int32Array
  readonly columns: Int32Array
}

export function eals(split: Split, options: EalsOptions, random: Random): Trainable {
  const { factors: f, missingWeight = 512, popularityPower = 0.4, l2 = 0.01 } = options
  const U = Float64Array.from({ length: split.users.length * f }, () => 0.01 * random.normal())
  const V = Float64Array.from({ length: split.items.length * f }, () => 0.01 * random.normal())
  const byUser: Sparse = { start: split.train.start, columns: split.train.items }
  const byItem = transpose(split.train, split.items.length)
  const c = missingWeights(byItem, missingWeight, popularityPower)
  const ones = new Float64Array(split.users.length).fill(1)

  return {
    epoch() {
      // A user's missing items weigh c_i each; an item's missing users all weigh c_i.
      solveSide(U, V, byUser, f, l2, weightedGram(V, c, f), ones, (column) => c[column]!)
      solveSide(V, U, byItem, f, l2, weightedGram(U, ones, f), c, (_column, row) => c[row]!)
      return squaredLoss(U, V, byUser, f)
    },
    scorer: () => dotScorer(U, V, f),
    snapshot: snapshotOf([U, V]),
  }
}

/** One sweep over the rows of `own`: each coordinate set to its best value with the others held. */
function solveSide(
  own: Float64Array,
  other: Float64Array,
  observed: Sparse,
  f: number,
  l2: number,
  gram: Float64Array,
  gramScale: Float64Array,
  missing: (column: number, row: number) => number,
): void {
  const x = new Float64Array(longest(observed.start))
  for (let row = 0; row + 1 < observed.start.length; row++) {
    const from = observed.start[row]!
    const count = observed.start[row + 1]! - from
    const scale = gramScale[row]!
    for (let n = 0; n < count; n++) {
      const at = observed.columns[from + n]! * f
      x[n] = 0
      for (let k = 0; k < f; k++) x[n]! += own[row * f + k]! * other[at + k]!
    }
    for (let k = 0; k < f; k++) {
      const mine = own[row * f + k]!
      let above = 0
      let below = scale * gram[k * f + k]! + l2
      for (let q = 0; q < f; q++) {
        if (q !== k) above -= scale * own[row * f + q]! * gram[q * f + k]!
      }
      for (let n = 0; n < count; n++) {
        const column = observed.columns[from + n]!
        const v = other[column * f + k]!
        const gap = 1 - missing(column, row)
        above += (1 - gap * (x[n]! - mine * v)) * v
        below += gap * v * v
      }
      const next = above / below
      own[row * f + k] = next
      for (let n = 0; n < count; n++) {
        x[n]! += (next - mine) * other[observed.columns[from + n]! * f + k]!
      }
    }
  }
}

/** Σ_r weight_r · rows_r rows_rᵀ, f × f. */
function weightedGram(rows: Float64Array, weight: Float64Array, f: number): Float64Array {
  const gram = new Float64Array(f * f)
  for (let r = 0; r < weight.length; r++) {
    for (let k = 0; k < f; k++) {
      const scaled = weight[r]! * rows[r * f + k]!
      for (let q = 0; q < f; q++) gram[k * f + q]! += scaled * rows[r * f + q]!
    }
  }
  return gram
}

function missingWeights(byItem: Sparse, w0: number, power: number): Float64Array {
  const c = Float64Array.from({ length: byItem.start.length - 1 }, (_, i) => {
    const count = byItem.start[i + 1]! - byItem.start[i]!
    return count === 0 ? 0 : count ** power
  })
  const sum = c.reduce((total, weight) => total + weight, 0)
  return c.map((weight) => (w0 * weight) / sum)
}

function squaredLoss(U: Float64Array, V: Float64Array, observed: Sparse, f: number): number {
  let loss = 0
  for (let u = 0; u + 1 < observed.start.length; u++) {
    for (let at = observed.start[u]!; at < observed.start[u + 1]!; at++) {
      let x = 0
      for (let k = 0; k < f; k++) x += U[u * f + k]! * V[observed.columns[at]! * f + k]!
      loss += (1 - x) ** 2
    }
  }
  return loss / Math.max(1, observed.columns.length)
}

/** The same log by item: which users have it. */
function transpose(log: Log, items: number): Sparse {
  const start = new Int32Array(items + 1)
  for (const item of log.items) start[item + 1]!++
  for (let i = 0; i < items; i++) start[i + 1]! += start[i]!
  const next = start.slice()
  const columns = new Int32Array(log.items.length)
  for (let u = 0; u + 1 < log.start.length; u++) {
    for (let at = log.start[u]!; at < log.start[u + 1]!; at++) columns[next[log.items[at]!]!++] = u
  }
  return { start, columns }
}

function longest(start: Int32Array): number {
  let most = 0
  for (let row = 0; row + 1 < start.length; row++) {
    most = Math.max(most, start[row + 1]! - start[row]!)
  }
  return most
}
