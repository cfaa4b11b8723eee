// The numeric heart: networks that learn who is preferred to what. One network is one learned model with
// its own tables, loss and optimizer; several engines compute the same numbers (to 1e-5) at different speeds.
//
// Symbols: f predictive factors, B blocks, p a user vector, V item vectors, C context vectors, s a score,
// z(u,i,j) the logit of «u prefers i to j», q one negative of a draw.
//
// Everything is synchronous and runs on the trainer's thread; nothing here allocates per call on a hot
// path. Ids are dense rows. Calls with ids outside the grown tables, or arrays that are too short,
// throw a RangeError: they are mistakes of the caller. Array views given out are valid until grow().

import type { Tensor } from './checkpoint-store.ts'
import type { DrawMemory } from './draws.ts'

/** How a block weighs the user's history, newest first (l = 0 is the newest, m items are in reach). */
export type HistoryBlock =
  /** w_l = m^-power over the newest `length`. */
  | { readonly kind: 'long'; readonly length: number; readonly power: number }
  /** w_l = S^-power · decay^l over the newest `length`, S = Σ decay^l. */
  | {
      readonly kind: 'short'
      readonly length: number
      readonly power: number
      readonly decay: number
    }
  /** w_l = (1+S)^-power · e^(-age_l/seconds), ends before the first weight under .02, S = Σ e^(…). */
  | {
      readonly kind: 'time'
      readonly length: number
      readonly power: number
      readonly seconds: number
    }

export type RowOptimizer =
  | { readonly kind: 'sgd'; readonly rate: number; readonly l2: number }
  /**
   * One accumulator per row (and block): acc += |g|²/width, g = dloss/dw; w -= rate·(g + l2·w)/√acc; acc starts at
   * `start`. L2 is no part of the sum, as with weights that decay beside the gradient (Loshchilov and Hutter, 2019).
   */
  | { readonly kind: 'adagrad'; readonly rate: number; readonly l2: number; readonly start: number }
  /** Adam (β .9/.999, ε 1e-7) on touched rows with the exact catch-up for the steps a row has missed. */
  | { readonly kind: 'adam'; readonly rate: number; readonly l2: number }

export interface NetworkSpec {
  /** Names the network in checkpoints and reports, e.g. `history.nbpr`. */
  readonly name: string
  /** `rows`: p is a learned row per user (the paper). `history`: p is computed from context rows. */
  readonly users: 'rows' | 'history'
  /** nbpr: p ⊙ V. dncr: the tower. neupr: both, separate tables, one output layer (eq. 25). */
  readonly model: 'nbpr' | 'dncr' | 'neupr'
  /**
   * f, 4…128. NBPR's rows have f columns per block. DNCR's user and context rows have 4f per block with
   * the joint tower, f with the user tower; its item rows have that once.
   */
  readonly factors: number
  /**
   * joint: tanh layers over [p ; V_i ; -V_j], widths f·2^(depth-2), …, 2f, f (eq. 16-23).
   * user: t = Σ_b p_b + W·tanh(…[p_1 … p_B]) with tanh layers of width f·2^(depth-2) … 2f and a last
   * linear layer to f that starts at zero; then t · V_i. depth 1 has no layers, depth 2 the last only.
   */
  readonly tower: 'joint' | 'user'
  /** Number of layers, 1…6, the concatenation counted as the first (the paper's way). */
  readonly depth: number
  /** Only with `users: 'history'`, at least one; `rows` has one block, the row. */
  readonly blocks: readonly HistoryBlock[]
  /** A learned virtual item older than the oldest, in long and short blocks that reach past it. */
  readonly startItem: boolean
  /** learned: weights and bias over the features (eqs. 19, 23, 25). ones: z = s_i - s_j. */
  readonly output: 'learned' | 'ones'
  /** A learned bias per item, added to s (only with `output: 'ones'`). */
  readonly itemBias: boolean
  /** Rows of U, V and C start N(0, noise²); dense layers Glorot-uniform; biases 0. */
  readonly noise: number
  readonly rows: RowOptimizer
  /** Item biases: a row of one. */
  readonly bias: RowOptimizer
  /** Dense weights: Adam or plain SGD; rate 0 freezes them. */
  readonly dense: { readonly kind: 'adam' | 'sgd'; readonly rate: number; readonly l2: number }
}

/**
 * The users of a call: `count` of them, each with a row or a history. Arrays may be longer than used.
 * History of user k: historyItems[historyStart[k] … historyStart[k+1]), newest first, only what the user
 * had strictly before the moment in question; historyAges are seconds before that moment (≥ 0);
 * historyLength[k] is how many positives the user had then in all (≥ those given).
 */
export interface UserBatch {
  count: number
  readonly userRows: Int32Array
  readonly historyStart: Int32Array
  readonly historyItems: Int32Array
  readonly historyAges: Float32Array
  readonly historyLength: Int32Array
}

/**
 * Draws to learn from. Draw k has the positive item positives[k] and, for each negative q < negatives,
 * `choices` candidate items (-1: none); the network takes the best scoring candidate as j_q (for a joint tower
 * the one with the smallest z(u,i,j)). The loss of a draw is
 *   Σ_q direct[q]·softplus(-z(u,i,j_q)) + mirrored[q]·softplus(z(u,j_q,i))
 * and of a step the mean over its draws. Mirrored is the triplet's twin in D̄_S.
 * A question without a candidate is left out; a draw without any changes nothing. A block of an item's
 * NBPR row is touched (also by L2) only by draws whose user has something in that block.
 */
export interface DrawBatch extends UserBatch {
  readonly positives: Int32Array
  negatives: number
  choices: number
  /** count × negatives × choices. */
  readonly candidates: Int32Array
  /** One weight per negative, the same for every draw. */
  readonly direct: Float32Array
  readonly mirrored: Float32Array
}

/**
 * One user against many items where only pairs can be compared. The numbers are those of Network.compare, to 1e-5.
 * Valid until the network is asked for anything else; then every call throws a RangeError.
 */
export interface PairwiseRanker {
  /** forth[x] = z(items[x], r) and, where given, back[x] = z(r, items[x]), x < count. */
  compareWith(
    r: number,
    items: Int32Array,
    count: number,
    forth: Float32Array,
    back?: Float32Array,
  ): void
  /**
   * out[x] = z(items[x], r) to first order and up to a constant, x < count: much cheaper, and only good to choose
   * whom to compare. Left out where there is no such thing.
   */
  estimate?(r: number, items: Int32Array, count: number, out: Float32Array): void
  /**
   * Algorithm 1: the k best of order[0…m-1], items in scan order, each once, best first into `out`; returns how many.
   * A challenger j beats the champion c iff z(j,c) > z(c,j), so of two that tie the one scanned earlier stays. Throws
   * a RangeError where a logit is NaN.
   */
  pickBest(order: Int32Array, m: number, k: number, out: Int32Array): number
  /** Pairs that the last pickBest() compared, two logits each. */
  readonly compared: number
}

/** Arithmetic over all items at once, which no network is needed for. */
export interface Catalogue {
  /**
   * Σ_k weights[k] · ln(1 + counts[i·K + k] · scales[k]) for items i < n, K = scales.length, counts and scales not
   * negative, and onto[i] where given. Good to 1e-6 of the larger of a logarithm and 1; valid until the next call.
   * `same`: counts, n and scales are those of the last call, and its logarithms may be used again.
   */
  logs(
    counts: Float64Array,
    n: number,
    scales: Float64Array,
    weights: Float32Array,
    onto?: Float32Array,
    same?: boolean,
  ): Float32Array
  /** Of n of the values, none below 0, each becomes ln(1 + value). As good as logs(). */
  log1p(values: Float32Array, from: number, n: number): void
}

export interface Network {
  readonly spec: NetworkSpec
  /** Makes rows 0…users-1 and 0…items-1 exist. Rows that exist keep their bytes; never shrinks. */
  grow(users: number, items: number): void
  /**
   * Learns. `together`: one update from the mean gradient of all draws, each touched row once.
   * `each`: draw after draw, each sees the updates of those before it. Returns the mean loss before the updates.
   */
  step(batch: DrawBatch, updates: 'together' | 'each'): number
  /** out[k·items.length + x] = s(user k, items[x]). RangeError where no total order is (isTotal). */
  score(users: UserBatch, items: Int32Array, out: Float32Array): void
  /**
   * weight · s(user 0, i) (weight 1 if left out) of all items i < n, and onto[i] where given, where they lie: to be
   * read before the network is asked for anything else. RangeError where no total order is.
   */
  scoreAll(users: UserBatch, n: number, weight?: number, onto?: Float32Array): Float32Array
  /** out[x] = z(user 0, first[x], second[x]), logits, x < count. */
  compare(
    users: UserBatch,
    first: Int32Array,
    second: Int32Array,
    count: number,
    out: Float32Array,
  ): void
  /**
   * The first user of the batch against all items, faster than compare() where there are many. undefined where the
   * network has nothing faster to offer: a total order, or no room for its tables. Sees what was written through
   * tensors() before the last call of tensors().
   */
  pairwiseRanker?(users: UserBatch): PairwiseRanker | undefined
  /**
   * All state by name (`<spec.name>/…`), exactly what a checkpoint needs; shapes [rows, columns]. Views of the
   * live state: what is written into them is what is learned from.
   */
  tensors(): ReadonlyMap<string, Tensor>
  /**
   * Puts back what tensors() gave, into a network grown to the same size; names of other networks are
   * passed over. Throws CHECKPOINT_FOREIGN on other shapes, before anything is changed.
   */
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

/** True where z(u,i,j) = s_i - s_j or orders items as such a difference does (NBPR, eq. 20). */
export function isTotal(spec: Pick<NetworkSpec, 'model' | 'tower'>): boolean {
  return spec.model === 'nbpr' || spec.tower === 'user'
}

export interface Engine {
  /** e.g. `arrays`, `tfjs-cpu`, `tensorflow`, `wasm`. */
  readonly name: string
  /** `seed` fixes the start of every row by its number alone, whatever the order of growth. */
  create(spec: NetworkSpec, seed: number): Network
  /** Left out where plain loops are as good. */
  catalogue?(): Catalogue
  /** Room for positive sets, and draws from them where they lie; left out where plain loops draw. */
  drawMemory?(): DrawMemory
}
