// What ranking threads are worth: the same lists of the same learner by turns with and without them, by the clock,
// since that is what they save.

import {
  createRankThreads,
  type RankThreads,
} from '../../../src/adapters/wasm/threads/rank-threads.ts'
import { createRecommender } from '../../../src/trainer/lists/recommender.ts'
import type { TiledWorld } from './tiled-world.ts'

const rounds = 9

/** Threads of any number, or none. */
export interface ToggledThreads extends RankThreads {
  now: RankThreads | undefined
}

export function createToggledThreads(): ToggledThreads {
  const own: ToggledThreads = {
    now: undefined,
    wake: (memory) => own.now?.wake(memory),
    waitUntil(isDone) {
      if (own.now === undefined) isDone(0)
      else own.now.waitUntil(isDone)
    },
    close: async () => own.now?.close(),
  }
  return own
}

/** Medians of ms a list. */
export async function sharedLists(
  { learner, readers, now, threads }: TiledWorld & { readonly threads: ToggledThreads },
  count: number,
  k: number,
): Promise<{ alone: number; shared: number }> {
  const best = createRecommender(learner).toUser
  const lists = Math.max(
    4,
    Math.min(readers.length, Math.round(4_000_000 / learner.positives.items)),
  )
  const pool = createRankThreads({ count })
  const taken = { alone: [] as number[], shared: [] as number[] }
  for (let round = 0; round < 2 * rounds; round++) {
    const [name, of] =
      round % 2 === 0 ? (['alone', undefined] as const) : (['shared', pool] as const)
    threads.now = of
    // The first wakes, or starts, the threads.
    best(readers[0]!, k, now)
    const from = performance.now()
    for (let n = 0; n < lists; n++) best(readers[(round * lists + n) % readers.length]!, k, now)
    taken[name].push((performance.now() - from) / lists)
  }
  threads.now = undefined
  await pool.close()
  return { alone: median(taken.alone), shared: median(taken.shared) }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}
