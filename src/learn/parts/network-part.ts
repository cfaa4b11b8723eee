// A part that is one learned network: history or rows, made of NBPR, DNCR or both. Its feature is the
// network's own score; it has a loss of its own, too.

import type { TrackedNetwork } from '../network/tracked-network.ts'
import type { Part, StagedPart } from '../part.ts'

/**
 * `start`: its first output weight; `returningUserBias`: see Part. Without a total order score() throws (the rest
 * works).
 */
export function createNetworkPart(
  network: TrackedNetwork,
  start: number,
  returningUserBias = 0,
): Part {
  let scores = new Float32Array(256)
  const { name } = network.spec
  return {
    staged: stagedOf(network),
    name,
    features: [name],
    start: [start],
    returningUserBias: [returningUserBias],
    score(moment, items, out, offset) {
      const n = items.length
      if (scores.length < n) scores = new Float32Array(2 * n)
      network.score(moment.users, items, scores)
      out.set(scores.length === n ? scores : scores.subarray(0, n), offset * n)
    },
    addAll(moment, n, weights, sums) {
      sums.set(network.scoreAll(moment.users, n, weights[0]!, sums))
    },
    observe() {
      // Learned from drawn batches only: see the trainer's learner.
    },
    get bytes() {
      let bytes = scores.byteLength
      for (const tensor of network.tensors().values()) bytes += tensor.data.byteLength
      return bytes
    },
    state: network.state,
    restore: (tensors) => network.restore(tensors),
  }
}

function stagedOf({ rows }: TrackedNetwork): StagedPart | undefined {
  if (rows === undefined) return undefined
  let query = new Float32Array(0)
  let weight = 0
  return {
    rows,
    begin(moment, weights, into) {
      query = into as typeof query
      weight = weights[0]!
      rows.query(moment.users, weight, query, 0)
    },
    addSome(items, count, sums) {
      rows.addScores(query, weight, items, count, sums)
    },
  }
}
