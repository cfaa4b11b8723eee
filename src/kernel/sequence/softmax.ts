// Cross-entropy of the score of each target against shared negatives. The gradients replace the scores.

import { exponentials } from '../simd/exp'
import { largestOf, scaleRow } from '../simd/lanes'

/**
 * Row r: z = [own_r, scores_r + offsets], loss = log Σ e^z - own_r. scores_r becomes dloss/dscores_r and own_r becomes
 * dloss/down_r, both times `scale`. Row r takes offsets[group_r]; an offset of -1e30 leaves a score out. `columns` is a
 * multiple of four (pad with such offsets). Returns the sum of the losses.
 */
export function softmaxRows(
  own: usize, scores: usize, offsets: usize, groups: usize, rows: i32, columns: i32, scale: f32,
): f64 {
  const bytes = <usize>columns << 2
  let loss: f64 = 0
  for (let r = 0; r < rows; r++) {
    const row = scores + <usize>r * bytes
    const offset = offsets + <usize>load<i32>(groups + (r << 2)) * bytes
    const self = load<f32>(own + (r << 2))
    let most = f32x4.splat(self)
    for (let d: usize = 0; d < bytes; d += 16) {
      const z = f32x4.add(v128.load(row + d), v128.load(offset + d))
      v128.store(row + d, z)
      most = f32x4.max(most, z)
    }
    const top = largestOf(most)
    const mine = <f32>Math.exp(self - top)
    const total = exponentials(row, bytes, top) + mine
    loss += Math.log(total) + <f64>top - <f64>self
    scaleRow(row, bytes, scale / total)
    store<f32>(own + (r << 2), scale * (mine / total - 1))
  }
  return loss
}
