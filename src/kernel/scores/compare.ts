// Scores of single items and logits of pairs, for users of a call.

import { hasOutputWeights, joint, outputBias, query, x, x1, x2, xs } from '../globals'
import { compareJoint } from '../pairwise/run-pairs'
import { readQuery, scoreItems } from '../user/query'

/** out[n] = s(user k, items[n]); `out` is padded to a multiple of four floats. */
export function score(k: i32, items: usize, count: i32, out: usize): void {
  readQuery(k, false)
  scoreItems(hasOutputWeights ? xs : x, items, count, out, false)
}

/** out[n] = z(user 0, first[n], second[n]); `scratch` and `out` are padded to a multiple of four floats. */
export function compare(first: usize, second: usize, count: i32, scratch: usize, out: usize): void {
  readQuery(0, false)
  // DNCR with the joint tower has no query, so scoreItems() writes nothing: values of earlier calls must not count.
  if (query == 0) {
    memory.fill(out, 0, count << 2)
    memory.fill(scratch, 0, count << 2)
  }
  scoreItems(hasOutputWeights ? x1 : x, first, count, out, false)
  scoreItems(hasOutputWeights ? x2 : x, second, count, scratch, false)
  const bias: f32 = hasOutputWeights && !joint ? load<f32>(outputBias) : 0
  for (let n: usize = 0; n < <usize>count << 2; n += 4) {
    store<f32>(out + n, load<f32>(out + n) - load<f32>(scratch + n) + bias)
  }
  if (joint) compareJoint(first, second, count, out)
}
