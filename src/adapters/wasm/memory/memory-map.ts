// Where everything of a network lies in its WebAssembly memory, from below:
//   page 0       records of the tables, constants, the kernel's static data
//   page 1 …     the store: dense weights, then the tables with their optimizer state (learn/network/layout.ts)
//   after it     scratch of fixed size: block records, lists, vectors of one draw, marks of the source rows
//   after that   what a call brings: its batch, and room for its sums or scores
// Nothing after the store keeps a value between calls, so it is laid out anew when the store has grown.

import { PAGE } from '../../../arrays.ts'
import { catchUpCacheBytes, oneAt, shardCount } from '../../../kernel/constants.ts'
import type { Layout, Table } from '../../../learn/network/layout.ts'
import { createStore, type Room, type RowCounts, type Store } from '../../../learn/network/store.ts'
import type { NetworkSpec } from '../../../ports/engine.ts'
import type { GlobalName } from '../kernel/global-names.ts'
import { createKernel, type Kernel, type KernelOptions } from '../kernel/kernel.ts'
import { memoryWith, refuse, refuseRows } from './memory-limit.ts'
import {
  setDenseGlobals,
  tableRecords,
  writeBlock,
  writeLayers,
  writeTable,
} from './write-records.ts'

export interface NetworkMemory {
  readonly kernel: Kernel
  readonly store: Store
  /** The first byte after what is laid out: here the arrays of a call begin. */
  end: number
  /** Globals of the other threads of the pool that differ from those of this thread. */
  readonly otherThreads: readonly Map<GlobalName, number>[]
  /** Where the records of the layers are, by thread. */
  layers: readonly number[]
  /** Counts layouts: addresses that a caller keeps are stale when it has changed. */
  layoutVersion: number
}

/** `threads`: of the pool that shares the updates of this network, this one included. */
export function createNetworkMemory(
  spec: NetworkSpec,
  seed: number,
  options: KernelOptions = {},
  { threads = 1, expected }: { readonly threads?: number; readonly expected?: RowCounts } = {},
): NetworkMemory {
  const kernel = createKernel(options)
  const otherThreads = Array.from({ length: threads - 1 }, () => new Map<GlobalName, number>())
  const room: Room = {
    fits: (floats, tables) => memoryWith(4 * floats, tables) <= kernel.bytesMax,
    make(floats, _, rows, tables) {
      const fits = room.fits(floats, tables) && kernel.reserve(PAGE + 4 * floats)
      if (!fits) refuseRows(spec, rows, kernel.bytesMax, memoryWith(4 * floats, tables))
      return kernel.floats.subarray(PAGE / 4)
    },
  }
  const store = createStore(spec, seed, room, expected)
  const memory = { kernel, store, otherThreads, end: 0, layers: [], layoutVersion: 0 }
  kernel.floats[oneAt / 4] = 1
  layOut(memory)
  return memory
}

/** Makes all addresses below `end` exist. Growth replaces every view of the memory. */
export function reserve({ kernel, store }: NetworkMemory, end: number): void {
  const before = kernel.floats
  if (!kernel.reserve(end)) refuse(store.layout.spec, end, kernel.bytesMax)
  if (kernel.floats === before) return
  store.floats = kernel.floats.subarray(PAGE / 4)
  store.ints = kernel.ints.subarray(PAGE / 4)
}

/** Gives addresses to everything after the store. To be called when the store was made or has grown. */
export function layOut(memory: NetworkMemory): void {
  const { kernel, store } = memory
  const { layout } = store
  const { shape, spec } = layout
  let end = PAGE + 4 * layout.tablesFrom
  for (const table of layout.tables) end = Math.max(end, PAGE + 4 * endOf(table))
  end = aligned(end)
  const take = (bytes: number): number => {
    const at = end
    end = aligned(end + bytes + 16)
    return at
  }
  const from = end
  const shared = sharedAddresses(take, layout, kernel.blockBytes())
  const own = forThreads(memory, (threadIndex) => ({
    ...vectorAddresses(take, layout, kernel.layerBytes()),
    threadIndex,
  }))
  const outputs = own.map(() =>
    shape.layers.map((layer) => [take(4 * layer.outputs), take(4 * layer.outputs)]),
  )
  const scales = spec.blocks.map(({ length }) => [take(4 * (length + 2)), take(4 * (length + 2))])
  const unmarked = end
  const sourceRows = spec.users === 'history' ? (layout.sourceN ?? layout.sourceD)!.capacity : 0
  const marks = own.map(() => ({
    rowMarks: take(4 * sourceRows),
    rowPositions: take(4 * sourceRows),
  }))
  reserve(memory, end)
  kernel.floats.fill(0, from / 4, unmarked / 4)
  spec.blocks.forEach((block, b) => {
    const [scale = 0, decay = 0] = scales[b]!
    writeBlock(kernel, block, shared.blockRecords + kernel.blockBytes() * b, scale, decay)
  })
  for (const [name, at] of Object.entries(tableRecords)) {
    writeTable(kernel, at, layout[name as keyof typeof tableRecords])
  }
  own.forEach(({ layerRecords }, thread) => {
    writeLayers(kernel, layout, layerRecords, outputs[thread]!)
  })
  for (const [name, at] of Object.entries(shared)) kernel.set(name as GlobalName, at)
  setPerThread(memory, own)
  setPerThread(memory, marks)
  kernel.forgetMarks()
  setShapeGlobals(kernel, layout)
  setDenseGlobals(kernel, layout)
  memory.end = end
  memory.layers = own.map(({ layerRecords }) => layerRecords)
  memory.layoutVersion++
}

/** One value for each thread of the pool, this thread first. */
export function forThreads<T>({ otherThreads }: NetworkMemory, make: (thread: number) => T): T[] {
  return Array.from({ length: 1 + otherThreads.length }, (_, thread) => make(thread))
}

/** Sets globals that every thread has for itself. */
export function setPerThread(
  { kernel, otherThreads }: NetworkMemory,
  globals: readonly Readonly<Partial<Record<GlobalName, number>>>[],
): void {
  globals.forEach((values, thread) => {
    for (const [name, value] of Object.entries(values)) {
      if (thread === 0) kernel.set(name as GlobalName, value)
      else otherThreads[thread - 1]!.set(name as GlobalName, value)
    }
  })
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16
}

/** What all threads share. */
function sharedAddresses(take: (bytes: number) => number, layout: Layout, blockBytes: number) {
  const { shape, spec, dense } = layout
  const shardBytes = aligned(4 * dense.length)
  const blockRecords = take(blockBytes * spec.blocks.length)
  const denseGradient = take(4 * dense.length)
  const shards = take(shape.joint ? shardCount * shardBytes : 0)
  // Only a joint tower learns in chunks. Without them the single shard is the sum itself.
  const shardGradients = shape.joint ? shards : denseGradient
  return { blockRecords, denseGradient, shardGradients, shardBytes }
}

/** Scratch of one draw. Vectors are padded to a multiple of four floats, and the padding stays finite. */
function vectorAddresses(take: (bytes: number) => number, layout: Layout, layerBytes: number) {
  const { shape, spec } = layout
  const listStride = listStrideOf(spec)
  const vector = () => take(4 * shape.query)
  const ones = shape.outputs === 0
  const listRows = take(4 * listStride * shape.blocks)
  const listWeights = take(4 * listStride * shape.blocks)
  const listCounts = take(4 * shape.blocks)
  const x = vector()
  const input = shape.hasD ? shape.blocks * shape.widthD : 0
  return {
    listRows,
    listWeights,
    listCounts,
    x,
    dx: vector(),
    x1: ones ? x : vector(),
    x2: ones ? x : vector(),
    xs: ones ? x : vector(),
    e1: vector(),
    e2: vector(),
    dv: vector(),
    rowCopies: take(shape.joint ? 0 : 4 * layout.scratchColumns),
    catchUpTerms: take(catchUpCacheBytes),
    layerRecords: take(layerBytes * shape.layers.length),
    input: take(4 * input),
    inputDelta: take(4 * input),
  }
}

function setShapeGlobals(kernel: Kernel, { spec, shape, steps, scratchColumns }: Layout): void {
  kernel.set('steps', PAGE + 4 * steps)
  kernel.set('blockCount', shape.blocks)
  kernel.set('hasHistory', spec.users === 'history' ? 1 : 0)
  kernel.set('sourceRowOffset', spec.startItem ? 1 : 0)
  kernel.set('longestBlock', Math.max(0, ...spec.blocks.map(({ length }) => length)))
  kernel.set('listStride', listStrideOf(spec))
  kernel.set('query', shape.query)
  kernel.set('queryN', shape.queryN)
  kernel.set('factors', shape.factors)
  kernel.set('joint', shape.joint ? 1 : 0)
  kernel.set('rowCopyBytes', 4 * scratchColumns)
}

/** Rows that the list of one block has room for: those of the longest block and the start item, in whole fours. */
function listStrideOf({ blocks }: NetworkSpec): number {
  return (1 + Math.max(1, ...blocks.map(({ length }) => length)) + 7) & ~3
}

function endOf(table: Table): number {
  const { optimizer, capacity, blocks } = table
  if (optimizer.kind === 'adam') return table.last + capacity * blocks
  return optimizer.kind === 'adagrad' ? table.state + capacity * blocks : table.state
}
