// One instance of the compiled loops for windows (src/kernel/sequence) with a memory of its own.

import { readFileSync } from 'node:fs'

type Numbers = readonly number[]

/** Addresses in bytes; see the functions of the same names in src/kernel/sequence. */
interface Functions {
  multiply(...args: Numbers): void
  slide(...args: Numbers): void
  slideBack(...args: Numbers): void
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

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

interface Api {
  Memory: new (size: { initial: number; maximum: number }) => Memory
  Module: new (bytes: Uint8Array) => object
  Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: Functions }
}

export interface SequenceKernel extends Functions {
  /** The whole memory twice; replaced by reserve(). */
  floats: Float32Array
  ints: Int32Array
  /** Makes addresses below `bytes` exist; what is there stays. */
  reserve(bytes: number): void
}

const PAGE = 65_536
const PAGES_MAX = 65_536

const api = (globalThis as unknown as { WebAssembly: Api }).WebAssembly
let compiled: object | undefined

export function createSequenceKernel(): SequenceKernel {
  compiled ??= new api.Module(
    readFileSync(new URL('../../../kernel/sequence.wasm', import.meta.url)),
  )
  const memory = new api.Memory({ initial: 2, maximum: PAGES_MAX })
  const { exports } = new api.Instance(compiled, { env: { memory } })
  const kernel: SequenceKernel = {
    ...exports,
    floats: new Float32Array(memory.buffer),
    ints: new Int32Array(memory.buffer),
    reserve(bytes) {
      const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE
      if (pages <= 0) return
      if (bytes > PAGE * PAGES_MAX) {
        throw new RangeError(
          `a batch of windows needs ${bytes} bytes; WebAssembly has ${PAGE * PAGES_MAX}`,
        )
      }
      memory.grow(pages)
      kernel.floats = new Float32Array(memory.buffer)
      kernel.ints = new Int32Array(memory.buffer)
    },
  }
  return kernel
}
