// One instance of the compiled kernel (src/kernel) with a memory of its own.

import { growTo, type Memory } from '../../../arrays.ts'
import type { GlobalName } from './global-names.ts'
import { createMemory, isValid, join, memoryMax, moduleOf } from './module.ts'

interface WasmGlobal {
  value: number
}

type Numbers = readonly number[]

/** The exported functions, described in src/kernel/index.ts and the files it names. Addresses are in bytes. */
interface Functions {
  learn(count: number, each: number, threads: number, isRead: number): number
  fail(): void
  hasFailed(): number
  score(k: number, items: number, count: number, out: number): void
  compare(first: number, second: number, count: number, scratch: number, out: number): void
  scoreAll(count: number, out: number, weight: number, add: number): void
  idsWithin(ids: number, count: number, low: number, end: number): number
  agesAreValid(ages: number, count: number): number
  forgetMarks(): void
  logs(at: number, count: number): void
  learnedCount(): number
  weighQuery(weight: number, vector: number): void
  scoreRows(vector: number, weight: number, items: number, count: number, out: number): void
  countLogs(counts: number, count: number, kinds: number, scales: number, logs: number): void
  sumLogs(...logsCountKindsWeightsOutAdd: Numbers): void
  addRows(...countsRowPitchRowsCountFactorsSumsPitch: Numbers): void
  addBent(...countSumsPitchScalesOfLargestOfSecondBentOnto: Numbers): void
  clearBytes(at: number, bytes: number): void
  lagSums(...countsNLagsFactorsEndsBinsScalesBentFoundPitch: Numbers): void
  placeRows(...foundPitchRowsNOrderOut: Numbers): void
  projectionBytes(): number
  projectionScratch(): number
  projectItems(at: number, scratch: number, count: number): void
  rankerScratch(): number
  bindUser(scratch: number): void
  compareWith(r: number, items: number, count: number, forward: number, reverse: number): void
  estimate(r: number, items: number, count: number, out: number): void
  algorithm1Scratch(m: number): number
  pickBest(items: number, m: number, k: number, out: number, scratch: number): number
  comparedPairs(): number
  blockBytes(): number
  layerBytes(): number
  writeBlock(...atKindLengthScalesDecaysPerSecondPower: Numbers): void
  writeLayer(...atWeightsBiasesInputsOutputsLinearOutDelta: Numbers): void
  writeLayerPlanes(at: number, plane: number, planeDelta: number): void
  writeTable(...atKindValuesStateLastColumnsWidthBlocksRateL2: Numbers): void
  writeTableSums(...atSlotsTouchedToSumsPitchHashShift: Numbers): void
}

/** What an instance exports: its functions, and the globals that the host sets. */
export type Exports = Functions & Readonly<Record<GlobalName, WasmGlobal>>

export interface Kernel extends Functions {
  /** Two views of the whole memory, replaced by reserve(). Addresses are in bytes. */
  floats: Float32Array
  ints: Int32Array
  /** Where the memory ends for good, in bytes. */
  readonly bytesMax: number
  /** Makes all addresses below `bytes` exist; what is there stays. False where that passes bytesMax. */
  reserve(bytes: number): boolean
  set(name: GlobalName, value: number): void
  /** The globals that were set; `changes` counts how often one of them got another value. */
  readonly values: ReadonlyMap<GlobalName, number>
  readonly changes: number
  /** For other instances in the same memory. */
  readonly module: object
  readonly memory: Memory
}

const fusedName = 'kernel-fused'

export interface KernelOptions {
  /** Where the memory ends, if below memoryMax. */
  readonly bytesMax?: number
  /** With fused multiply-add where this engine has it: faster, and different in the last digits. */
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
  const values = new Map<GlobalName, number>()
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
    set(name: GlobalName, value: number) {
      if (values.get(name) === value) return
      values.set(name, value)
      kernel.changes++
      exports[name].value = value
    },
  }
  return kernel
}
