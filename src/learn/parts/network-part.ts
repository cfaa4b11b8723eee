// A part that is one learned network: history or rows, made of NBPR, DNCR or both. Its feature is the
// network's own score; it has a loss of its own, too.

import type { TrackedNetwork } from '../network/tracked-network.ts'
import type { Moment, Part, StagedPart } from '../part.ts'

/**
 * `start`: its first output weight; `returning…`: see Part. Without a total order score() throws (the rest
 * works).
 */
export function createNetworkPart(
  network: TrackedNetwork,
  start: number,
  returningUserBias = 0,
  returningLongBias = 0,
): Part {
  let scores = new Float32Array(256)
  const { name } = network.spec
  return {
    staged: stagedOf(network),
    name,
    features: [name],
    start: [start],
    returningUserBias: [returningUserBias],
    returningLongBias: [returningLongBias],
    score(moment, items, out, offset) {
      const n = items.length
      if (isSilent(network, moment)) {
        out.fill(0, offset * n, (offset + 1) * n)
        return
      }
      if (scores.length < n) scores = new Float32Array(2 * n)
      const found = scores
      network.score(moment.users, items, found)
      for (let x = 0, at = offset * n; x < n; x++) out[at++] = found[x]!
    },
    addAll(moment, n, weights, sums) {
      if (isSilent(network, moment)) return
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
    restore: network.restoreInPieces,
  }
}

/** A network of rows a user says nothing of somebody who has no row: who only shows a history. */
function isSilent({ spec }: TrackedNetwork, { users }: Moment): boolean {
  return spec.users === 'rows' && users.userRows[0]! < 0
}

function stagedOf(network: TrackedNetwork): StagedPart | undefined {
  const { rows } = network
  if (rows === undefined) return undefined
  let query = new Float32Array(0)
  let weight = 0
  return {
    rows,
    begin(moment, weights, into) {
      query = into as typeof query
      weight = isSilent(network, moment) ? 0 : weights[0]!
      if (weight === 0) into.fill(0)
      else rows.query(moment.users, weight, query, 0)
    },
    addSome(items, count, sums) {
      if (weight !== 0) rows.addScores(query, weight, items, count, sums)
    },
  }
}
