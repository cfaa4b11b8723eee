// A network behind the port `engine`, trained offline on a split: every training event once an epoch, in random
// order, with fresh negatives. The network comes ready-made; when training stops is decided in offline/training.ts.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { Network } from '../../ports/engine.ts'
import { isTotal } from '../../ports/engine.ts'
import type { Random } from '../../sample/random.ts'
import { shuffled } from '../../sample/random.ts'
import { membership, usersOfEvents } from '../baselines/membership.ts'
import type { HeldOutPart, OfflineComparer, OfflineScorer } from '../offline/judge.ts'
import type { Split } from '../offline/leave-one-out.ts'
import { createSplitBatch } from './split-batch.ts'

export interface NetworkTraining {
  /** Draws per step. */
  readonly draws: number
  /** One update from the mean gradient of a step's draws, or draw after draw. */
  readonly updates: 'together' | 'each'
  readonly negatives: number
  /** Uniform candidates per negative; the network learns from the one it scores best. */
  readonly choices: number
  /** Weights of (u,i,j) → 1 and of its twin (u,j,i) → 0, one per negative. */
  readonly direct: readonly number[]
  readonly mirrored: readonly number[]
}

/**
 * The paper's instances: per positive one triplet with its mirror (the same negative), and for r > 1
 * r - 1 more mirrored ones with negatives of their own; `batch` counts instances, 1 + r a positive.
 */
export function paperTraining(ratio: number, batch = 256): NetworkTraining {
  const extra = Array.from({ length: ratio - 1 })
  return {
    draws: Math.max(1, Math.round(batch / (1 + ratio))),
    updates: 'together',
    negatives: ratio,
    choices: 1,
    direct: [1, ...extra.map(() => 0)],
    mirrored: [1, ...extra.map(() => 1)],
  }
}

export interface NetworkModel {
  readonly network: Network
  /** True where one number per item orders them: then scorer() works, else only comparer(). */
  readonly isTotal: boolean
  epoch(): number
  snapshot(): () => void
  scorer(part: HeldOutPart, withValidation: boolean): OfflineScorer
  comparer(part: HeldOutPart, withValidation: boolean): OfflineComparer
}

export function createNetworkModel(
  split: Split,
  network: Network,
  training: NetworkTraining,
  random: Random,
): NetworkModel {
  const { spec } = network
  const historyMax = Math.max(0, ...spec.blocks.map((block) => block.length))
  network.grow(spec.users === 'rows' ? split.users.length : 0, split.items.length)
  const learning = createSplitBatch(split, { ...training, historyMax })
  learning.batch.direct.set(training.direct)
  learning.batch.mirrored.set(training.mirrored)
  const { drawNegative } = membership(split)
  const users = usersOfEvents(split)
  const perDraw = training.negatives * training.choices

  return {
    ...rankingBy(split, network),
    epoch() {
      const order = shuffled(users.length, random)
      let loss = 0
      for (let from = 0; from < order.length; from += training.draws) {
        learning.clear()
        for (let x = from; x < Math.min(from + training.draws, order.length); x++) {
          const at = order[x]!
          const k = learning.batch.count
          learning.addBefore(users[at]!, at)
          learning.batch.positives[k] = split.train.items[at]!
          for (let c = k * perDraw; c < (k + 1) * perDraw; c++) {
            learning.batch.candidates[c] = drawNegative(users[at]!, random)
          }
        }
        loss += network.step(learning.batch, training.updates) * learning.batch.count
      }
      return loss / Math.max(1, order.length)
    },
  }
}

/** How a network ranks for the users of a split, and how it is restored: everything except learning. */
export function rankingBy(split: Split, network: Network): Omit<NetworkModel, 'epoch'> {
  const historyMax = Math.max(0, ...network.spec.blocks.map((block) => block.length))
  const asking = createSplitBatch(split, { draws: 1, negatives: 1, choices: 1, historyMax })

  function ask(user: number, part: HeldOutPart, withValidation: boolean): void {
    asking.clear()
    asking.addAfter(user, withValidation && part === 'test', split[part].times[user]!)
  }

  return {
    network,
    isTotal: isTotal(network.spec),
    snapshot: () => snapshotTensors(network),
    scorer: (part, withValidation) => (user, items, count, out) => {
      ask(user, part, withValidation)
      network.score(asking.batch, items.subarray(0, count), out)
    },
    comparer: (part, withValidation) => (user, first, second, count, out) => {
      ask(user, part, withValidation)
      network.compare(asking.batch, first, second, count, out)
    },
  }
}

function snapshotTensors(network: Network): () => void {
  const copies = new Map<string, Tensor>()
  for (const [name, { shape, data }] of network.tensors()) {
    copies.set(name, { shape, data: data.slice() })
  }
  return () => network.restore(copies)
}
