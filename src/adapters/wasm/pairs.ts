// Room for the pairs of a joint tower: a chunk of them goes through the layers at once (src/kernel/pairs.ts).

import type { Machine } from './place.ts'
import { layerBytes } from './records.ts'

/** Pairs of a chunk where the questions of one draw do not need more: the paper's planes fit the fastest cache. */
const pairsLeast = 64
/** Floats between the rows of folded weights, so that they do not meet in the same places of the cache. */
const foldedGap = 16
/** Floats that a couple's three vectors take more than its columns, for whole lanes. */
const laneRests = 12

/** Places all of it by `take`, for up to `negatives` questions a draw and `questions` in all. */
export function placePairs(
  machine: Machine,
  take: (count: number) => number,
  negatives: number,
  questions: number,
): () => void {
  const { kernel, store, layers } = machine
  const { shape, scratchColumns } = store.layout
  const most = Math.max(pairsLeast, (2 * negatives + 15) & ~15)
  const input = (shape.blocks + 2) * shape.widthD
  const folded = (shape.layers[0]?.outputs ?? 0) * (input + foldedGap)
  const places = {
    pairUser: take(most),
    pairA: take(most),
    pairB: take(most),
    pairBase: take(most),
    pairMirrorBase: take(most),
    pairZ: take(most),
    pairDz: take(most),
    pairDraw: take(most),
    pairQuestion: take(most),
    pairUsers: take(most * (shape.blocks * shape.widthD + 4)),
    pairInput: take(most * (input + laneRests)),
    pairInputDelta: take(most * input),
    picked: take(questions),
    coupleWeights: take(folded),
    coupleGradient: take(folded),
    looked: take(2 * most * scratchColumns),
  }
  const planes = shape.layers.map(({ outputs }) => [take(most * outputs), take(most * outputs)])
  return () => {
    for (const name of Object.keys(places) as (keyof typeof places)[]) {
      kernel.set(name, places[name])
    }
    kernel.set('pairMax', most)
    planes.forEach((pair, l) => {
      kernel.ints.set(pair, (layers + layerBytes * l) / 4 + 7)
    })
  }
}
