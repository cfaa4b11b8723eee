// One instance of the compiled loops for windows (src/kernel/sequence) with a memory of its own.

import { growTo } from '../../../arrays.ts'
import { createMemory, join, memoryMax, moduleOf } from '../kernel/module.ts'

type Numbers = readonly number[]

/** Described in src/kernel/sequence, under the same names. Addresses are in bytes. */
interface Functions {
  multiply(...args: Numbers): void
  slidingSums(...args: Numbers): void
  slidingSumsBackward(...args: Numbers): void
  gatherRows(...args: Numbers): void
  scatterRows(...args: Numbers): void
  addRows(...args: Numbers): void
  sumColumns(...args: Numbers): void
  sumBlocks(...args: Numbers): void
  spreadBlocks(...args: Numbers): void
  ownScores(...args: Numbers): void
  ownGradients(...args: Numbers): void
  softmaxRows(...args: Numbers): number
  dropOut(...args: Numbers): void
  tanhRows(...args: Numbers): void
  tanhBack(...args: Numbers): void
  adamStep(...args: Numbers): void
  averageIn(...args: Numbers): void
}

export interface SequenceKernel extends Functions {
  /** Two views of the whole memory, replaced by reserve(). */
  floats: Float32Array
  ints: Int32Array
  /** Makes all addresses below `bytes` exist; what is there stays. */
  reserve(bytes: number): void
}

export function createSequenceKernel(): SequenceKernel {
  const memory = createMemory()
  const exports = join<Functions>(moduleOf('sequence'), memory)
  const kernel: SequenceKernel = {
    ...exports,
    floats: new Float32Array(memory.buffer),
    ints: new Int32Array(memory.buffer),
    reserve(bytes) {
      if (bytes > memoryMax) {
        throw new RangeError(
          `a batch of windows needs ${bytes} bytes; WebAssembly has ${memoryMax}`,
        )
      }
      if (!growTo(memory, bytes)) return
      kernel.floats = new Float32Array(memory.buffer)
      kernel.ints = new Int32Array(memory.buffer)
    },
  }
  return kernel
}
