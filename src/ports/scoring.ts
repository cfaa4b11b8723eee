// What scoring works on: the users of a call, with what they had before, and the features of items that are scored
// together, with what is computed of them.

/**
 * The users of a call: `count` of them, each with a row or a history. Arrays may be longer than needed. The history of
 * user k is historyItems[historyStart[k] … historyStart[k+1]), newest first: only items that the user had strictly
 * before the moment in question. historyAges are seconds before that moment (≥ 0), and historyLength[k] is how many
 * positives the user had then in all (≥ those given).
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
 * Sums over the features of items that are scored together: x_f(k) is feature f of the k-th of n items. To the last bit
 * as plain loops over doubles.
 */
export interface FeatureSums {
  /** All that follows is about these features, features[f·n + k] = x_f(k). */
  put(features: Float32Array, n: number): void
  /** out[k] = Σ_f weights[f] · x_f(k), rounded to a float after each feature. */
  weigh(weights: Float32Array, out: Float32Array): void
  /**
   * For each part p, whose features end before ends[p], two columns (n): weigh() of its features alone, and all[k] less
   * that. Valid until the next put().
   */
  weighParts(ends: Int32Array, weights: Float32Array, all: Float32Array): readonly Float32Array[]
  /** Σ_k x_f(k) and Σ_k x_f(k)² by feature. Valid until the next put(). */
  totals(): { readonly sums: Float64Array; readonly squares: Float64Array }
  /** out[f] = -Σ_k slopes[k] · x_f(k) */
  slopes(slopes: Float32Array, out: Float32Array): void
  /** out[f] = Σ_q pulls[q] · (x_f(0) - x_f(js[q])), q < count. */
  pulls(js: Int32Array, pulls: Float64Array, count: number, out: Float32Array): void
}

/** How large a hidden layer is: without units there are only the sums over its features. */
export interface HiddenShape {
  readonly features: number
  /** Numbers that are the same for all items of a moment. */
  readonly contexts: number
  readonly units: number
}

/**
 * Rectified linear units over features of items that are scored together.
 *
 * Symbols: H units, F features, C numbers of context c; m_f mean and v_f variance of feature f; s(k) the score of an
 * item without the units;
 *   z_f(k) = (x_f(k) - m_f) / √(v_f + 1e-6), within -5 … 8;
 *   y_h(k) = max(0, b_h + Σ_f W_hf z_f(k) + Σ_j W_h,F+j c_j); u(k) = Σ_h o_h y_h(k).
 */
export interface HiddenUnits {
  /** Takes the features, for itself and the units. */
  readonly sums: FeatureSums
  /** (H, F + C + 2): W_h, b_h, o_h. What is written there is computed with. */
  readonly weights: Float32Array
  /** Adam's moments m and v, laid out like the weights. */
  readonly moments: readonly [Float32Array, Float32Array]
  /** (2, F): m_f, v_f. */
  readonly spread: Float64Array
  /** (F): of the last learn(), the share of the other items that the feature is smaller for than for item 0. */
  readonly places: Float32Array
  /** (n) of the last learn(): dloss/ds by item. Valid until the next call. */
  readonly slopes: Float32Array
  /** out[k] = u(k) */
  score(context: Float32Array, out: Float32Array): void
  /**
   * Moves m_f and v_f towards these items by `follow`, then takes one step of Adam down the loss
   * -log softmax(s + u) of item 0, which it returns. An item whose s is -Infinity is not there. n > 1.
   */
  learn(context: Float32Array, s: Float32Array, step: HiddenStep): number
}

/** w -= pull · m / (√v + epsilon): see adamStep() in learn/fusion/hidden-layer.ts. */
export interface HiddenStep {
  readonly follow: number
  readonly pull: number
  readonly epsilon: number
}
