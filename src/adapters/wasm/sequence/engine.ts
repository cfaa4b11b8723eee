// The engine of matrix products in WebAssembly, for learning from windows. The numbers agree with those of the plain
// loops (test/adapters/arrays/sequence). Parameters, gradients, moments and mean come first in the kernel's memory.

import { checkWindows } from '../../../learn/windows/check-windows.ts'
import { sequenceLayout, sequenceTensors } from '../../../learn/windows/sequence-layout.ts'
import { createSlidingSums } from '../../../learn/windows/sliding-sums.ts'
import type { NetworkSpec } from '../../../ports/engine.ts'
import type {
  SequenceEngine,
  SequenceLearner,
  SequenceOptions,
} from '../../../ports/sequence-learner.ts'
import { placeBatch } from './batch-layout.ts'
import { backward, forward, type Machine } from './gradient.ts'
import { createSequenceKernel } from './kernel.ts'
import { writeBatch } from './write-batch.ts'

/** The static data of the module ends below this address. */
const FIRST = 65_536
const EPSILON = 1e-8

export function createWasmSequenceEngine(): SequenceEngine {
  return { name: 'wasm', create }
}

function create(spec: NetworkSpec, items: number, options: SequenceOptions): SequenceLearner {
  const layout = sequenceLayout(spec, items)
  const kernel = createSequenceKernel()
  const bytes = layout.length * 4
  const values = FIRST
  const gradients = values + bytes
  const first = gradients + bytes
  const second = first + bytes
  const mean = second + bytes
  const machine: Machine = { layout, kernel, options, values, gradients }
  const plans = spec.blocks.map((block) => createSlidingSums(spec, block))
  kernel.reserve(mean + bytes)
  let updates = 0
  return {
    gradient(batch) {
      const targets = checkWindows(batch, items)
      const sizes = {
        windows: batch.targets.length,
        targets,
        items: batch.start[batch.targets.length]!,
        negatives: Math.max(4, (batch.negatives.length + 3) & ~3),
      }
      const place = placeBatch(layout, sizes, mean + bytes)
      kernel.reserve(place.end)
      writeBatch(machine, place, sizes, batch, plans)
      const loss = forward(machine, place, sizes, batch)
      backward(machine, place, sizes, batch)
      return loss / targets
    },
    update(rate, decay) {
      updates++
      const root = Math.sqrt(1 - 0.999 ** updates)
      const pull = (rate * root) / (1 - 0.9 ** updates)
      const { length } = layout
      const shrink = rate * decay
      kernel.adamStep(values, gradients, first, second, length, pull, EPSILON * root, shrink)
    },
    average(share) {
      kernel.averageIn(mean, values, layout.length, share)
    },
    tensors(what) {
      const from = { values, gradients, mean }[what] / 4
      return sequenceTensors(layout, kernel.floats, from)
    },
  }
}
