// Gradients of the dense weights, summed by shard so that any number of threads leaves the same bytes (thread-pool.ts).
// An update of one thread without chunks has a single shard, which is the sum itself.

import { dense, shardBytes, shardFoldedBytes, shardFoldedGradients, shardGradients } from '../globals'

/** Gradients of the selected shard: of all dense weights, and of the folded weights (pairwise/mirrored-pairs.ts). */
let shardGradient: usize = 0
export let foldedGradient: usize = 0

export function selectShard(n: i32): void {
  shardGradient = shardGradients + n * shardBytes
  foldedGradient = shardFoldedGradients + n * shardFoldedBytes
}

/** Where the selected shard sums the gradient of a dense weight. */
// @ts-ignore: decorator
@inline
export function gradientOf(weight: usize): usize {
  return shardGradient + (weight - dense)
}
