// Room for the pairs of a joint tower: a chunk of them goes through the layers at once (src/kernel/pairwise/tower.ts).

import { foldedGap, planeGap, shardCount } from '../../../kernel/constants.ts'
import { forThreads, type NetworkMemory, setPerThread } from './memory-map.ts'

/** Pairs of a chunk, unless one draw has more: so few that the planes of the paper's tower fit the fastest cache. */
export const pairsMin = 128
/** Floats by pair that a plane has between its blocks of four pairs. */
const planeGapFloats = planeGap / 4 / 4
/** Floats by which padding makes the three vectors of a mirrored pair longer than its columns. */
const vectorPadding = 12

/**
 * Gives addresses to all of it by `take`, for `draws` with up to `negatives` questions each, and returns the function
 * that tells them to the kernel once the memory exists.
 */
export function placePairMemory(
  memory: NetworkMemory,
  take: (count: number) => number,
  negatives: number,
  draws: number,
): () => void {
  const { kernel, store } = memory
  const { shape, scratchColumns } = store.layout
  const pairMax = Math.max(pairsMin, (2 * negatives + 15) & ~15)
  const input = (shape.blocks + 2) * shape.widthD
  const user = shape.blocks * shape.widthD
  const folded = (shape.layers[0]?.outputs ?? 0) * (input + foldedGap / 4)
  const queryN = padded(shape.queryN)
  // The head and the gradients of a draw, as in src/kernel/pairwise/draw-gradients.ts.
  const drawGradient =
    padded(2 + negatives) + queryN + user + (1 + negatives) * (queryN + shape.widthD)
  // One thread alone sums the gradients of a chunk before it learns the next.
  const keptDraws = memory.otherThreads.length === 0 ? Math.min(draws, pairMax / 2) : draws
  const shared = {
    pickedNegatives: take(draws * negatives),
    drawGradients: take(keptDraws * drawGradient),
    drawGradientBytes: 4 * drawGradient,
    chunkSums: take(4 * (draws + 2)),
    foldedWeights: take(folded),
    shardFoldedGradients: take(shardCount * folded),
    shardFoldedBytes: 4 * folded,
  }
  const plane = (units: number) => take(pairMax * (units + planeGapFloats))
  const threads = forThreads(memory, () => ({
    own: {
      pairUser: take(pairMax),
      pairA: take(pairMax),
      pairB: take(pairMax),
      pairBase: take(pairMax),
      pairMirrorBase: take(pairMax),
      pairZ: take(pairMax),
      pairDz: take(pairMax),
      pairDraw: take(pairMax),
      pairQuestion: take(pairMax),
      pairUsers: take(pairMax * (user + 4 + queryN)),
      pairInput: take(pairMax * (input + vectorPadding)),
      pairInputDelta: plane(input),
      rowCopies: take(2 * pairMax * scratchColumns),
    },
    planes: shape.layers.map(({ outputs }) => [plane(outputs), plane(outputs)] as const),
  }))
  return () => {
    kernel.set('pairMax', pairMax)
    for (const name of Object.keys(shared) as (keyof typeof shared)[]) {
      kernel.set(name, shared[name])
    }
    setPerThread(
      memory,
      threads.map(({ own }) => own),
    )
    threads.forEach(({ planes }, thread) => {
      const records = memory.layers[thread]!
      planes.forEach(([out, delta], l) => {
        kernel.writeLayerPlanes(records + kernel.layerBytes() * l, out, delta)
      })
    })
  }
}

function padded(width: number): number {
  return (width + 3) & ~3
}
