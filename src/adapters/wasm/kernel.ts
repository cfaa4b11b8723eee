// One instance of the compiled kernel (src/kernel) with a memory of its own. The only place that names WebAssembly.

import { readFileSync } from 'node:fs'

/** What the memory map sets: see src/kernel/memory.ts. */
export type Place =
  | 'steps'
  | 'userRows'
  | 'historyStart'
  | 'historyItems'
  | 'historyAges'
  | 'historyLength'
  | 'positives'
  | 'candidates'
  | 'direct'
  | 'mirrored'
  | 'negatives'
  | 'choices'
  | 'blockCount'
  | 'hasHistory'
  | 'shift'
  | 'reach'
  | 'stride'
  | 'blockRecords'
  | 'listRows'
  | 'listWeights'
  | 'listCounts'
  | 'marks'
  | 'places'
  | 'query'
  | 'queryN'
  | 'x'
  | 'dx'
  | 'learned'
  | 'outputWeights'
  | 'outputBias'
  | 'x1'
  | 'x2'
  | 'xs'
  | 'e1'
  | 'e2'
  | 'dv'
  | 'scores'
  | 'chosenItems'
  | 'chosenPulls'
  | 'chosenAlphas'
  | 'chosenGammas'
  | 'driftTerms'
  | 'looked'
  | 'factors'
  | 'layerCount'
  | 'layerRecords'
  | 'input'
  | 'inputDelta'
  | 'dense'
  | 'denseCount'
  | 'toFirst'
  | 'toSecond'
  | 'denseGradient'
  | 'denseKind'
  | 'denseRate'
  | 'denseL2'
  | 'joint'
  | 'pairMax'
  | 'pairUser'
  | 'pairA'
  | 'pairB'
  | 'pairBase'
  | 'pairMirrorBase'
  | 'pairZ'
  | 'pairDz'
  | 'pairDraw'
  | 'pairQuestion'
  | 'pairUsers'
  | 'pairInput'
  | 'pairInputDelta'
  | 'picked'
  | 'coupleWeights'
  | 'coupleGradient'
  | 'lookedBytes'

interface Cell {
  value: number
}

interface Functions {
  learn(count: number, each: number): number
  score(k: number, items: number, count: number, out: number): void
  compare(first: number, second: number, count: number, more: number, out: number): void
  idsWithin(ids: number, count: number, low: number, end: number): number
  agesHold(ages: number, count: number): number
  forgetMarks(): void
  scoreAll(count: number, out: number, weight: number, add: number): void
  sumLogs(
    counts: number,
    count: number,
    kinds: number,
    scales: number,
    weights: number,
    logs: number,
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

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** The part of WebAssembly's interface that is used; the language's own types leave it out. */
interface Api {
  Memory: new (size: { initial: number; maximum: number }) => Memory
  Module: new (bytes: Uint8Array) => object
  validate(bytes: Uint8Array): boolean
  Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: Functions & Readonly<Record<Place, Cell>> }
}

export interface Kernel extends Functions {
  /** The whole memory twice; replaced by reserve(). Addresses are in bytes. */
  floats: Float32Array
  ints: Int32Array
  /** The memory's own end, in bytes. */
  readonly bytesMax: number
  /** Makes addresses below `bytes` exist; what is there stays. False where that passes bytesMax. */
  reserve(bytes: number): boolean
  set(place: Place, value: number): void
}

export const PAGE = 65_536
/** 4 GiB: addresses have 32 bits. */
export const memoryMax = 2 ** 32

const api = (globalThis as unknown as { WebAssembly: Api }).WebAssembly
const files = { portable: 'kernel.wasm', fused: 'kernel-fused.wasm' } as const
const modules = new Map<keyof typeof files, object>()

export interface KernelOptions {
  /** Where the memory ends, where it is to be less than memoryMax. */
  readonly bytesMax?: number
  /** With fused multiply-add where this engine has it: faster, and other in the last digits. */
  readonly fused?: boolean
}

/** Whether this JavaScript engine runs relaxed SIMD: from Node 22 on. */
export function canFuse(): boolean {
  return api.validate(bytesOf('fused'))
}

function bytesOf(name: keyof typeof files): Uint8Array {
  return readFileSync(new URL(`../../kernel/${files[name]}`, import.meta.url))
}

function moduleOf(fused: boolean): object {
  const name = fused && canFuse() ? 'fused' : 'portable'
  const known = modules.get(name)
  if (known !== undefined) return known
  const made = new api.Module(bytesOf(name))
  modules.set(name, made)
  return made
}

export function createKernel({ bytesMax = memoryMax, fused = false }: KernelOptions = {}): Kernel {
  const compiled = moduleOf(fused)
  const memory = new api.Memory({ initial: 2, maximum: Math.floor(bytesMax / PAGE) })
  const { exports } = new api.Instance(compiled, { env: { memory } })
  const kernel: Kernel = {
    ...exports,
    bytesMax,
    floats: new Float32Array(memory.buffer),
    ints: new Int32Array(memory.buffer),
    reserve(bytes) {
      const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE
      if (pages <= 0) return true
      if (bytes > bytesMax) return false
      memory.grow(pages)
      kernel.floats = new Float32Array(memory.buffer)
      kernel.ints = new Int32Array(memory.buffer)
      return true
    },
    set(place, value) {
      exports[place].value = value
    },
  }
  return kernel
}
