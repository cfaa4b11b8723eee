// Room for the pairs of a joint tower: a chunk of them goes through the layers at once (src/kernel/pairs.ts).

import type { Machine } from './place.ts'
import { layerBytes } from './records.ts'

/** Pairs of a chunk where the questions of one draw do not need more: the paper's planes fit the fastest cache. */
const pairsLeast = 32

/** Places all of it by `take`, for up to `negatives` questions a draw and `questions` in all. */
export function placePairs(
  machine: Machine,
  take: (count: number) => number,
  negatives: number,
  questions: number,
): () => void {
  const { kernel, store, layers } = machine
  const { shape, scratchColumns } = store.layout
  const most = Math.max(pairsLeast, (2 * negatives + 7) & ~7)
  const input = (shape.blocks + 2) * shape.widthD
  const places = {
    pairUser: take(most),
    pairA: take(most),
    pairB: take(most),
    pairBase: take(most),
    pairZ: take(most),
    pairDz: take(most),
    pairDraw: take(most),
    pairQuestion: take(most),
    pairUsers: take(most * (shape.blocks * shape.widthD + 4)),
    pairInput: take(most * input),
    pairInputDelta: take(most * input),
    picked: take(questions),
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
