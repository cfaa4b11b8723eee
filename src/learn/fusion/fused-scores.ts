// The scores of some items at a moment, with all that they are made of.

export interface FusedScores {
  /** (n) */
  items: Int32Array
  /** (n) Σ_f weights[f] · features[f·n + x], and what the hidden layer adds. */
  scores: Float32Array
  /** (n) Without what the hidden layer adds; the same array where there is no such layer. */
  linear: Float32Array
  /** features[f·n + x] = x_f(items[x]) */
  features: Float32Array
  /** a_f, with b_f for a returning user. */
  weights: Float32Array
  isReturning: boolean
}

export function emptyScores(width: number): FusedScores {
  const scores = new Float32Array(0)
  return {
    items: new Int32Array(0),
    ...{ scores, linear: scores },
    features: new Float32Array(0),
    weights: new Float32Array(width),
    isReturning: false,
  }
}

/** `hasLayer`: there is a hidden layer, which adds something. */
export function makeRoom(scores: FusedScores, n: number, width: number, hasLayer: boolean): void {
  if (scores.scores.length === n) return
  scores.items = new Int32Array(n)
  scores.scores = new Float32Array(n)
  scores.linear = hasLayer ? new Float32Array(n) : scores.scores
  scores.features = new Float32Array(width * n)
}
