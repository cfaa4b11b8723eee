// Room for the pairs of a joint tower: a chunk of them goes through the layers at once (src/kernel/pairwise/tower.ts).

import { forMembers, type Machine, setOwn, strandsMax } from './memory-map.ts'
import { layerBytes } from './records.ts'

/** Pairs of a chunk where the questions of one draw do not need more: the paper's planes fit the fastest cache. */
export const pairsLeast = 128
/** Floats between the rows of folded weights, so that they do not meet in the same places of the cache. */
const foldedGap = 16
/** Floats that a plane has between its blocks, by pair (src/kernel/pairwise/planes.ts). */
const blockRest = 4
/** Floats that a couple's three vectors take more than its columns, for whole lanes. */
const laneRests = 12

/** Places all of it by `take`, for `draws` with up to `negatives` questions each. */
export function placePairs(
  machine: Machine,
  take: (count: number) => number,
  negatives: number,
  draws: number,
): () => void {
  const { kernel, store } = machine
  const { shape, scratchColumns } = store.layout
  const most = Math.max(pairsLeast, (2 * negatives + 15) & ~15)
  const input = (shape.blocks + 2) * shape.widthD
  const folded = (shape.layers[0]?.outputs ?? 0) * (input + foldedGap)
  // Head and gradients of a draw, as in src/kernel/pairwise/draw-gradients.ts.
  const nbpr = lanes(shape.queryN)
  const dncr = shape.widthD
  const user = nbpr + shape.blocks * dncr
  const entry = lanes(2 + negatives) + user + (1 + negatives) * (nbpr + dncr)
  const shared = {
    picked: take(draws * negatives),
    // One member alone sums the entries of a chunk before the next.
    entries: take((machine.mates.length === 0 ? Math.min(draws, most / 2) : draws) * entry),
    entryBytes: 4 * entry,
    chunkSums: take(4 * (draws + 2)),
    coupleWeights: take(folded),
    strandCouples: take(strandsMax * folded),
    strandCoupleBytes: 4 * folded,
  }
  const own = forMembers(machine, (member) => ({
    pairUser: take(most),
    pairA: take(most),
    pairB: take(most),
    pairBase: take(most),
    pairMirrorBase: take(most),
    pairZ: take(most),
    pairDz: take(most),
    pairDraw: take(most),
    pairQuestion: take(most),
    pairUsers: take(most * (shape.blocks * shape.widthD + 4 + nbpr)),
    pairInput: take(most * (input + laneRests)),
    pairInputDelta: take(most * (input + blockRest)),
    looked: take(2 * most * scratchColumns),
    planes: shape.layers.map(({ outputs }) => [
      take(most * (outputs + blockRest)),
      take(most * (outputs + blockRest)),
    ]),
    records: machine.layers[member]!,
  }))
  return () => {
    kernel.set('pairMax', most)
    for (const name of Object.keys(shared) as (keyof typeof shared)[]) {
      kernel.set(name, shared[name])
    }
    setOwn(
      machine,
      own.map(({ planes, records, ...places }) => places),
    )
    for (const { planes, records } of own) {
      planes.forEach((pair, l) => {
        kernel.ints.set(pair, (records + layerBytes * l) / 4 + 7)
      })
    }
  }
}

function lanes(width: number): number {
  return (width + 3) & ~3
}
