// One instance of the compiled kernel (src/kernel) with a memory of its own.

import type { Place } from './global-names.ts'
import { createMemory, growTo, isValid, join, type Memory, memoryMax, moduleOf } from './module.ts'

interface Cell {
  value: number
}

interface Functions {
  learn(count: number, each: number, crew: number): number
  fail(): void
  hasFailed(): number
  score(k: number, items: number, count: number, out: number): void
  compare(first: number, second: number, count: number, more: number, out: number): void
  idsWithin(ids: number, count: number, low: number, end: number): number
  agesHold(ages: number, count: number): number
  forgetMarks(): void
  scoreAll(count: number, out: number, weight: number, add: number): void
  logs(at: number, count: number): void
  countLogs(counts: number, count: number, kinds: number, scales: number, logs: number): void
  sumLogs(
    logs: number,
    count: number,
    kinds: number,
    weights: number,
    out: number,
    add: number,
  ): void
  cardBytes(): number
  cardScratch(): number
  makeCards(at: number, scratch: number, count: number): void
  contestScratch(): number
  bindUser(scratch: number): void
  meet(r: number, items: number, count: number, forth: number, back: number): void
  foresee(r: number, items: number, count: number, out: number): void
  championScratch(m: number): number
  pickBest(items: number, m: number, k: number, out: number, scratch: number): number
  pickCompared(): number
}

/** One instance: its functions, and the cells of its globals. */
export type Exports = Functions & Readonly<Record<Place, Cell>>

export interface Kernel extends Functions {
  /** The whole memory twice; replaced by reserve(). Addresses are in bytes. */
  floats: Float32Array
  ints: Int32Array
  /** The memory's own end, in bytes. */
  readonly bytesMax: number
  /** Makes addresses below `bytes` exist; what is there stays. False where that passes bytesMax. */
  reserve(bytes: number): boolean
  set(place: Place, value: number): void
  /** What was set; `changes` counts whenever a value becomes another. */
  readonly values: ReadonlyMap<Place, number>
  readonly changes: number
  /** For other instances in the same memory. */
  readonly module: object
  readonly memory: Memory
}

const fusedName = 'kernel-fused'

export interface KernelOptions {
  /** Where the memory ends, where it is to be less than memoryMax. */
  readonly bytesMax?: number
  /** With fused multiply-add where this engine has it: faster, and other in the last digits. */
  readonly fused?: boolean
}

/** Whether this JavaScript engine runs relaxed SIMD: from Node 22 on. */
export function canFuse(): boolean {
  return isValid(fusedName)
}

export function createKernel(options: KernelOptions = {}): Kernel {
  const { bytesMax = memoryMax, fused = false } = options
  const module = moduleOf(fused && canFuse() ? fusedName : 'kernel')
  const memory = createMemory(bytesMax)
  const exports = join<Exports>(module, memory)
  const values = new Map<Place, number>()
  const kernel = {
    ...exports,
    bytesMax,
    module,
    memory,
    values,
    changes: 0,
    floats: new Float32Array(memory.buffer),
    ints: new Int32Array(memory.buffer),
    reserve(bytes: number) {
      if (bytes > bytesMax) return false
      if (!growTo(memory, bytes)) return true
      kernel.floats = new Float32Array(memory.buffer)
      kernel.ints = new Int32Array(memory.buffer)
      return true
    },
    set(place: Place, value: number) {
      if (values.get(place) === value) return
      values.set(place, value)
      kernel.changes++
      exports[place].value = value
    },
  }
  return kernel
}
