// DNCR's tower over the user for one target: t = Σ_b p_b + W·tanh(…[p_1 … p_B]); the last layer is linear.

import type { SequenceLayout } from '../../../../src/learn/windows/sequence-layout.ts'

export interface Activations {
  /** [0] the blocks after dropout, [l] the output of layer l. */
  readonly out: readonly Float64Array[]
  /** What dropout multiplied the blocks by. */
  readonly kept: Float64Array
}

export function createActivations({ layers, columnsD }: SequenceLayout): Activations {
  const sizes = [columnsD, ...layers.map(({ weight }) => weight.rows)]
  return { out: sizes.map((size) => new Float64Array(size)), kept: new Float64Array(columnsD) }
}

/** Writes t into the last columns of the query. */
export function towerForward(
  layout: SequenceLayout,
  values: Float32Array,
  { out, kept }: Activations,
  keptAt: (k: number) => number,
  p: Float64Array,
  x: Float64Array,
): void {
  const { shape, layers } = layout
  const { queryN, widthD } = shape
  for (let k = 0; k < p.length; k++) {
    x[queryN + (k % widthD)]! += p[k]!
    kept[k] = keptAt(k)
    out[0]![k] = p[k]! * kept[k]!
  }
  layers.forEach(({ weight, bias }, l) => {
    const from = out[l]!
    const to = out[l + 1]!
    for (let o = 0; o < weight.rows; o++) {
      let sum = values[bias.offset + o]!
      for (let i = 0; i < from.length; i++) {
        sum += values[weight.offset + o * weight.columns + i]! * from[i]!
      }
      to[o] = l === layers.length - 1 ? sum : Math.tanh(sum)
    }
  })
  if (layers.length === 0) return
  out.at(-1)!.forEach((value, k) => {
    x[queryN + k]! += value
  })
}

/** Adds to dp from dx, and to the gradients of the layers. */
export function towerBackward(
  layout: SequenceLayout,
  values: Float32Array,
  gradients: Float64Array,
  { out, kept }: Activations,
  dx: Float64Array,
  dp: Float64Array,
): void {
  const { shape, layers } = layout
  const { queryN, widthD } = shape
  for (let k = 0; k < dp.length; k++) dp[k]! += dx[queryN + (k % widthD)]!
  let d = dx.slice(queryN)
  for (let l = layers.length - 1; l >= 0; l--) {
    const { weight, bias } = layers[l]!
    const from = out[l]!
    const dFrom = new Float64Array(from.length)
    for (let o = 0; o < weight.rows; o++) {
      gradients[bias.offset + o]! += d[o]!
      for (let i = 0; i < from.length; i++) {
        const at = weight.offset + o * weight.columns + i
        gradients[at]! += d[o]! * from[i]!
        dFrom[i]! += d[o]! * values[at]!
      }
    }
    if (l > 0) for (let i = 0; i < from.length; i++) dFrom[i]! *= 1 - from[i]! ** 2
    else for (let i = 0; i < from.length; i++) dp[i]! += dFrom[i]! * kept[i]!
    d = dFrom
  }
}
