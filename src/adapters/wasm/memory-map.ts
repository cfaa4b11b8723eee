// Where everything of a network lies in its WebAssembly memory, from below:
//   page 0       records of the tables, constants, the kernel's static data
//   page 1 …     the store: dense weights, then tables with their optimizer state (learn/layout.ts)
//   after it     scratch of fixed size: block records, lists, vectors of one draw, marks of the source rows
//   after that   what a call brings: its batch, and room for its sums or scores
// What follows the store holds nothing between calls, so it is simply placed anew when the store has grown.

import type { Layout, Table } from '../../learn/network/layout.ts'
import { createStore, type Room, type Store } from '../../learn/network/store.ts'
import type { NetworkSpec } from '../../ports/engine.ts'
import type { Place } from './global-names.ts'
import { createKernel, type Kernel, type KernelOptions } from './kernel.ts'
import { memoryWith, refuse, refuseRows } from './memory-limit.ts'
import { PAGE } from './module.ts'
import {
  blockBytes,
  layerBytes,
  placeBlock,
  placeDense,
  placeLayers,
  placeTable,
  tableRecords,
} from './records.ts'

/** The number 1 in page 0 (src/kernel/memory.ts); the cache of catch-up terms (src/kernel/rows/adam-catch-up.ts). */
const onesAt = 384
const driftBytes = 256 * 64 + 128
/** STRANDS of src/kernel/thread-pool.ts. */
export const strandsMax = 4

export interface Machine {
  readonly kernel: Kernel
  readonly store: Store
  /** First byte after what is placed: here a call's own arrays begin. */
  end: number
  /** What other threads that share updates have for themselves; this one's is the kernel's own. */
  readonly mates: readonly Map<Place, number>[]
  /** Where the records of the layers are, of every member. */
  layers: readonly number[]
  /** Counts placements; a caller's own places are stale when it has changed. */
  placed: number
}

export function createMachine(
  spec: NetworkSpec,
  seed: number,
  options: KernelOptions = {},
  members = 1,
): Machine {
  const kernel = createKernel(options)
  const mates = Array.from({ length: members - 1 }, () => new Map<Place, number>())
  const room: Room = {
    fits: (floats, tables) => memoryWith(4 * floats, tables) <= kernel.bytesMax,
    make(floats, _, rows, tables) {
      const fits = room.fits(floats, tables) && kernel.reserve(PAGE + 4 * floats)
      if (!fits) refuseRows(spec, rows, kernel.bytesMax, memoryWith(4 * floats, tables))
      return kernel.floats.subarray(PAGE / 4)
    },
  }
  const store = createStore(spec, seed, room)
  const machine: Machine = { kernel, store, mates, end: 0, layers: [], placed: 0 }
  kernel.floats[onesAt / 4] = 1
  placeAll(machine)
  return machine
}

/** Makes room up to `end`. Growing the memory replaces every view of it. */
export function reserve(machine: Machine, end: number): void {
  const { kernel, store } = machine
  const before = kernel.floats
  if (!kernel.reserve(end)) refuse(store.layout.spec, end, kernel.bytesMax)
  if (kernel.floats === before) return
  store.floats = kernel.floats.subarray(PAGE / 4)
  store.ints = kernel.ints.subarray(PAGE / 4)
}

/** After the store was made or has grown. */
export function placeAll(machine: Machine): void {
  const { kernel, store } = machine
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
  const history = spec.users === 'history'
  const sourceRows = history ? (layout.sourceN ?? layout.sourceD)!.capacity : 0
  const stride = (1 + Math.max(1, ...spec.blocks.map(({ length }) => length)) + 7) & ~3
  const from = end
  const denseBytes = aligned(4 * layout.dense.length)
  const shared = {
    blockRecords: take(blockBytes * spec.blocks.length),
    denseGradient: take(4 * layout.dense.length),
    strands: take(shape.joint ? strandsMax * denseBytes : 0),
    strandBytes: denseBytes,
  }
  // Without chunks the one strand is the sum itself.
  if (!shape.joint) shared.strands = shared.denseGradient
  const own = forMembers(machine, (member) => ({
    ...vectorPlaces(take, layout, stride),
    member,
  }))
  const layers = own.map(() => {
    return shape.layers.map(({ outputs }) => [take(4 * outputs), take(4 * outputs)])
  })
  const scales = spec.blocks.map(({ length }) => [take(4 * (length + 2)), take(4 * (length + 2))])
  const unmarked = end
  const marks = own.map(() => ({ marks: take(4 * sourceRows), places: take(4 * sourceRows) }))
  reserve(machine, end)
  kernel.floats.fill(0, from / 4, unmarked / 4)
  spec.blocks.forEach((_, b) => {
    const [scale = 0, decay = 0] = scales[b]!
    placeBlock(kernel, spec.blocks[b]!, shared.blockRecords + blockBytes * b, scale, decay)
  })
  for (const [name, at] of Object.entries(tableRecords)) {
    placeTable(kernel, at, layout[name as keyof typeof tableRecords])
  }
  own.forEach(({ layerRecords }, member) => {
    placeLayers(kernel, layout, layerRecords, layers[member]!)
  })
  for (const [name, at] of Object.entries(shared)) kernel.set(name as Place, at)
  setOwn(machine, own)
  setOwn(machine, marks)
  kernel.forgetMarks()
  kernel.set('steps', PAGE + 4 * layout.steps)
  kernel.set('blockCount', shape.blocks)
  kernel.set('hasHistory', history ? 1 : 0)
  kernel.set('shift', spec.startItem ? 1 : 0)
  kernel.set('reach', Math.max(0, ...spec.blocks.map(({ length }) => length)))
  kernel.set('stride', stride)
  kernel.set('query', shape.query)
  kernel.set('queryN', shape.queryN)
  kernel.set('factors', shape.factors)
  kernel.set('joint', shape.joint ? 1 : 0)
  kernel.set('lookedBytes', 4 * layout.scratchColumns)
  placeDense(kernel, layout)
  machine.end = end
  machine.layers = own.map(({ layerRecords }) => layerRecords)
  machine.placed++
}

/** One for every thread that shares updates, this one first. */
export function forMembers<T>({ mates }: Machine, make: (member: number) => T): T[] {
  return Array.from({ length: 1 + mates.length }, (_, member) => make(member))
}

/** Sets what every member has for itself. */
export function setOwn(
  { kernel, mates }: Machine,
  own: readonly Readonly<Partial<Record<Place, number>>>[],
): void {
  own.forEach((places, member) => {
    for (const [name, at] of Object.entries(places)) {
      if (member === 0) kernel.set(name as Place, at)
      else mates[member - 1]!.set(name as Place, at)
    }
  })
}

/** Scratch of a draw. Vectors are padded to whole lanes, and the padding stays finite. */
function vectorPlaces(take: (bytes: number) => number, layout: Layout, stride: number) {
  const { shape } = layout
  const vector = () => take(4 * shape.query)
  const ones = shape.outputs === 0
  const x = vector()
  const input = shape.hasD ? shape.blocks * shape.widthD : 0
  return {
    listRows: take(4 * stride * shape.blocks),
    listWeights: take(4 * stride * shape.blocks),
    listCounts: take(4 * shape.blocks),
    x,
    dx: vector(),
    x1: ones ? x : vector(),
    x2: ones ? x : vector(),
    xs: ones ? x : vector(),
    e1: vector(),
    e2: vector(),
    dv: vector(),
    looked: take(shape.joint ? 0 : 4 * layout.scratchColumns),
    driftTerms: take(driftBytes),
    layerRecords: take(layerBytes * shape.layers.length),
    input: take(4 * input),
    inputDelta: take(4 * input),
  }
}

function endOf(table: Table): number {
  const { optimizer, capacity, blocks } = table
  if (optimizer.kind === 'adam') return table.last + capacity * blocks
  return optimizer.kind === 'adagrad' ? table.state + capacity * blocks : table.state
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16
}
