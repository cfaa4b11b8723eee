// Networks that learn which of two items a user prefers. One network is one learned model with its own tables, loss and
// optimizer. Several engines compute the same numbers (to 1e-5) at different speeds.
//
// Symbols: f predictive factors, B blocks, p a user vector, V item vectors, C context vectors, s a score, z(u,i,j) the
// logit of «u prefers i to j», q one question (negative) of a draw.
//
// Everything is synchronous and runs on the trainer's thread, and nothing here allocates on a hot path. Ids are dense
// row numbers. Calls with ids outside the grown tables, or with arrays that are too short, throw a RangeError: they are
// mistakes of the caller. Views of arrays that are returned are valid until grow().

import type { Catalogue, ItemRows, ItemScan } from './catalogue.ts'
import type { Tensor } from './checkpoint-store.ts'
import type { DrawMemory } from './draws.ts'
import type { HiddenShape, HiddenUnits, UserBatch } from './scoring.ts'

export type { UserBatch } from './scoring.ts'

/** How a block weighs the history of a user, newest first: l = 0 is the newest item, m items are in reach. */
export type HistoryBlock =
  /** w_l = m^-power over the newest `length` items. */
  | { readonly kind: 'long'; readonly length: number; readonly power: number }
  /** w_l = S^-power · decay^l over the newest `length` items, with S = Σ decay^l. */
  | {
      readonly kind: 'short'
      readonly length: number
      readonly power: number
      readonly decay: number
    }
  /** w_l = (1+S)^-power · e^(-age_l/seconds) up to the first weight below .02, with S = Σ e^(…). */
  | {
      readonly kind: 'time'
      readonly length: number
      readonly power: number
      readonly seconds: number
    }

export type RowOptimizer =
  | { readonly kind: 'sgd'; readonly rate: number; readonly l2: number }
  /**
   * One accumulator per row (and block), which begins at `start`: acc += |g|²/width with g = dloss/dw, then w -=
   * rate·(g + l2·w)/√acc. L2 is no part of the sum, as in decoupled weight decay (Loshchilov and Hutter, 2019).
   */
  | { readonly kind: 'adagrad'; readonly rate: number; readonly l2: number; readonly start: number }
  /** Adam (β .9/.999, ε 1e-7) on touched rows, with an exact catch-up for the steps that a row has missed. */
  | { readonly kind: 'adam'; readonly rate: number; readonly l2: number }

export interface NetworkSpec {
  /** The name of the network in checkpoints and reports, e.g. `history.nbpr`. */
  readonly name: string
  /** `rows`: p is a learned row per user (the paper). `history`: p is computed from context rows. */
  readonly users: 'rows' | 'history'
  /** nbpr: p ⊙ V. dncr: the tower. neupr: both, with separate tables and one output layer (eq. 25). */
  readonly model: 'nbpr' | 'dncr' | 'neupr'
  /**
   * f, 4…128. NBPR's rows have f columns per block. DNCR's user and context rows have 4f columns per block with the
   * joint tower and f with the user tower; its item rows have as many, without blocks.
   */
  readonly factors: number
  /**
   * joint: tanh layers over [p ; V_i ; -V_j] with widths f·2^(depth-2), …, 2f, f (eqs. 16-23). user: t = Σ_b p_b +
   * W·tanh(…[p_1 … p_B]) with tanh layers of width f·2^(depth-2) … 2f and a last linear layer to f that starts at zero;
   * then t · V_i. Depth 1 has no layers, depth 2 only the last.
   */
  readonly tower: 'joint' | 'user'
  /** Number of layers, 1…6, where the concatenation counts as the first (as in the paper). */
  readonly depth: number
  /** With `users: 'history'` at least one. `rows` has a single block, which is the row. */
  readonly blocks: readonly HistoryBlock[]
  /** A learned virtual item older than the oldest one, in long and short blocks that reach beyond it. */
  readonly startItem: boolean
  /** learned: weights and a bias over the features (eqs. 19, 23, 25). ones: z = s_i - s_j. */
  readonly output: 'learned' | 'ones'
  /** A learned bias per item, added to s (only with `output: 'ones'`). */
  readonly itemBias: boolean
  /** Rows of U, V and C start as N(0, noise²), dense layers Glorot-uniform, biases at 0. */
  readonly noise: number
  readonly rows: RowOptimizer
  /** The optimizer of the item biases, which are rows of one column. */
  readonly bias: RowOptimizer
  /** The optimizer of the dense weights. A rate of 0 freezes them. */
  readonly dense: { readonly kind: 'adam' | 'sgd'; readonly rate: number; readonly l2: number }
}

/**
 * Draws to learn from. Draw k has the positive item positives[k] and, for each question q < negatives, `choices`
 * candidate items (-1: none). The network takes the best scoring candidate as j_q (with a joint tower the one with the
 * smallest z(u,i,j)). The loss of a draw is
 *   Σ_q direct[q]·softplus(-z(u,i,j_q)) + mirrored[q]·softplus(z(u,j_q,i))
 * and that of a step the mean over its draws. `mirrored` weighs the mirrored triplets of D̄_S.
 * A question without a candidate is left out; a draw without any changes nothing. A block of an item's NBPR row is
 * touched (also by L2) only by draws whose user has something in that block.
 */
export interface DrawBatch extends UserBatch {
  readonly positives: Int32Array
  negatives: number
  choices: number
  /** (count, negatives, choices) */
  readonly candidates: Int32Array
  /** One weight per question, the same for every draw. */
  readonly direct: Float32Array
  readonly mirrored: Float32Array
}

/**
 * One user against many items where items can only be compared in pairs. The numbers are those of Network.compare(), to
 * 1e-5. Valid until the network is asked for anything else; then every call throws a RangeError.
 */
export interface PairwiseRanker {
  /** forward[x] = z(items[x], r) and, if given, reverse[x] = z(r, items[x]), for x < count. */
  compareWith(
    r: number,
    items: Int32Array,
    count: number,
    forward: Float32Array,
    reverse?: Float32Array,
  ): void
  /**
   * out[x] = z(items[x], r) to first order and up to a constant, for x < count. It is much cheaper, and only good for
   * choosing which items to compare. Left out if the network has nothing like it.
   */
  estimate?(r: number, items: Int32Array, count: number, out: Float32Array): void
  /**
   * Algorithm 1: the k best of order[0…m-1], which are different items in scan order, best first into `out`; returns
   * how many. A challenger j beats the champion c if z(j,c) > z(c,j), so of two items that tie the one scanned earlier
   * stays. Throws a RangeError if a logit is NaN.
   */
  pickBest(order: Int32Array, m: number, k: number, out: Int32Array): number
  /** Pairs that the last pickBest() compared, two logits each. */
  readonly compared: number
}

export interface Network {
  readonly spec: NetworkSpec
  /**
   * Makes rows 0…users-1 and 0…items-1 exist. Existing rows keep their bytes; nothing ever shrinks. `restored`: what
   * new rows hold is left open, because restore() fills them next.
   */
  grow(users: number, items: number, restored?: boolean): void
  /** These rows start anew, as if they had just come into existence. Ids that have no rows yet are passed over. */
  renew(of: 'users' | 'items', ids: Int32Array): void
  /**
   * Learns. `together`: one update from the mean gradient of all draws, with each touched row updated once. `each`: one
   * draw after the other, where each draw sees the updates of those before it. Returns the mean loss before the
   * updates. `isUntouched`: nothing was written through tensors() since the last score(), so what that has read of the
   * first draw's user may be used again.
   */
  step(batch: DrawBatch, updates: 'together' | 'each', isUntouched?: boolean): number
  /** out[k·items.length + x] = s(user k, items[x]). Throws a RangeError if scores do not order the items (isTotal). */
  score(users: UserBatch, items: Int32Array, out: Float32Array): void
  /**
   * weight · s(user 0, i) (weight 1 if left out) of all items i < n, plus onto[i] if given. The result is a view, to be
   * read before the network is asked for anything else. Throws a RangeError if scores do not order the items.
   */
  scoreAll(users: UserBatch, n: number, weight?: number, onto?: Float32Array): Float32Array
  /** Left out where scores are no products with rows of items, or nothing is quicker than scoreAll(). */
  readonly rows?: ItemRows | undefined
  /** out[x] = z(user 0, first[x], second[x]) for x < count. */
  compare(
    users: UserBatch,
    first: Int32Array,
    second: Int32Array,
    count: number,
    out: Float32Array,
  ): void
  /**
   * The first user of the batch against all items, faster than compare() where there are many. undefined if a score
   * orders the items, or the projections have no room. Sees what was written through tensors() before its last call.
   */
  pairwiseRanker?(users: UserBatch): PairwiseRanker | undefined
  /**
   * All state by name (`<spec.name>/…`), exactly what a checkpoint needs, with shapes [rows, columns]. The tensors are
   * views of the live state: what is written into them is learned from.
   */
  tensors(): ReadonlyMap<string, Tensor>
  /**
   * Puts back what tensors() gave, into a network that has grown to the same size. Names of other networks are ignored.
   * `copied` is told of each tensor once it is read no more. Throws CHECKPOINT_FOREIGN for other shapes, before
   * anything is changed.
   */
  restore(tensors: ReadonlyMap<string, Tensor>, copied?: (name: string) => void): void
}

/**
 * Whether a score orders the items: z(u,i,j) = s_i - s_j, or it orders them as such a difference does (NBPR, eq. 20).
 */
export function isTotal(spec: Pick<NetworkSpec, 'model' | 'tower'>): boolean {
  return spec.model === 'nbpr' || spec.tower === 'user'
}

export interface Engine {
  /** e.g. `arrays`, `tfjs-cpu`, `tensorflow`, `wasm`. */
  readonly name: string
  /** `seed` determines the start of every row by its number alone; `expected`: the most rows that there will be. */
  create(spec: NetworkSpec, seed: number, expected?: Record<'users' | 'items', number>): Network
  /** Left out if plain loops are as fast. */
  catalogue?(): Catalogue
  /** All zero. Left out if plain loops are as fast. */
  hiddenUnits?(shape: HiddenShape): HiddenUnits
  /** For catalogues so large that not every item can be scored; left out where there is no such thing. */
  itemScan?(): ItemScan
  /** Room for positive sets, and draws from them where they lie; left out if plain loops draw. */
  drawMemory?(): DrawMemory
  /** Ends the threads that rank, if there are any. */
  close?(): Promise<void>
}
