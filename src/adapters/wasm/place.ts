// Where everything of a network lies in its WebAssembly memory, from below:
//   page 0       records of the tables, constants, the kernel's static data
//   page 1 …     the store: dense weights, then tables with their optimizer state (learn/layout.ts)
//   after it     scratch of fixed size: block records, lists, vectors of one draw, marks of the source rows
//   after that   what a call brings: its batch, and room for its sums or scores
// What follows the store holds nothing between calls, so it is simply placed anew when the store has grown.

import { Failure } from '../../errors.ts'
import type { Table } from '../../learn/layout.ts'
import { createStore, type Store } from '../../learn/store.ts'
import type { NetworkSpec } from '../../ports/engine.ts'
import { createKernel, type Kernel, PAGE, PAGES_MAX } from './kernel.ts'

/** Fixed places of page 0, as in src/kernel/memory.ts. */
export const tableRecords = {
  sourceN: 64,
  itemsN: 128,
  sourceD: 192,
  itemsD: 256,
  itemBias: 320,
} as const
const onesAt = 384
const recordBytes = 24

const tableKinds = { sgd: 0, adagrad: 1, adam: 2 } as const
const blockKinds = { long: 0, short: 1, time: 2 } as const

export interface Machine {
  readonly kernel: Kernel
  readonly store: Store
  /** First byte after what is placed: here a call's own arrays begin. */
  end: number
  /** Counts placements; a caller's own places are stale when it has changed. */
  placed: number
}

export function createMachine(spec: NetworkSpec, seed: number): Machine {
  const kernel = createKernel()
  const room = (floats: number): Float32Array => {
    if (!kernel.reserve(PAGE + 4 * floats)) refuse(spec, PAGE + 4 * floats)
    return kernel.floats.subarray(PAGE / 4)
  }
  const store = createStore(spec, seed, room)
  const machine: Machine = { kernel, store, end: 0, placed: 0 }
  kernel.floats[onesAt / 4] = 1
  placeAll(machine)
  return machine
}

/** Makes room up to `end`. Growing the memory replaces every view of it. */
export function reserve(machine: Machine, end: number): void {
  const { kernel, store } = machine
  const before = kernel.floats
  if (!kernel.reserve(end)) refuse(store.layout.spec, end)
  if (kernel.floats === before) return
  store.floats = kernel.floats.subarray(PAGE / 4)
  store.ints = kernel.ints.subarray(PAGE / 4)
}

function refuse(spec: NetworkSpec, bytes: number): never {
  const gibibytes = (n: number) => (n / 2 ** 30).toFixed(2)
  throw new Failure(
    'LIMIT_REACHED',
    `the network ${spec.name} needs ${gibibytes(bytes)} GiB for its tables; a WebAssembly memory holds ` +
      `${gibibytes(PAGE * PAGES_MAX)} GiB at most: lower the factors, the users or the items it may ` +
      'have, or use the engine arrays, which has no such limit',
  )
}

/** After the store was made or has grown. */
export function placeAll(machine: Machine): void {
  const { kernel, store } = machine
  const { layout } = store
  const { shape, spec } = layout
  const tables = layout.tables
  let end = PAGE
  for (const table of tables) end = Math.max(end, PAGE + 4 * endOf(table))
  end = aligned(end)
  const take = (bytes: number): number => {
    const at = end
    end = aligned(end + bytes + 16)
    return at
  }
  const stride = (1 + Math.max(1, ...spec.blocks.map(({ length }) => length)) + 7) & ~3
  const history = spec.users === 'history'
  const sourceRows = history ? (layout.sourceN ?? layout.sourceD)!.capacity : 0
  const places = {
    blockRecords: take(recordBytes * spec.blocks.length),
    listRows: take(4 * stride * shape.blocks),
    listWeights: take(4 * stride * shape.blocks),
    listCounts: take(4 * shape.blocks),
    x: take(4 * shape.query),
    dx: take(4 * shape.query),
  }
  const scales = spec.blocks.map(({ length }) => [take(4 * (length + 2)), take(4 * (length + 2))])
  const marks = take(4 * sourceRows)
  const markPlaces = take(4 * sourceRows)
  reserve(machine, end)
  kernel.floats.fill(0, places.x / 4, marks / 4)
  kernel.ints.fill(0, marks / 4, markPlaces / 4)
  kernel.forgetMarks()
  spec.blocks.forEach((_, b) => {
    const [scale = 0, decay = 0] = scales[b]!
    placeBlock(machine, b, places.blockRecords + recordBytes * b, scale, decay)
  })
  for (const [name, at] of Object.entries(tableRecords)) {
    placeTable(kernel, at, layout[name as keyof typeof tableRecords])
  }
  for (const [name, at] of Object.entries(places)) kernel.set(name as keyof typeof places, at)
  kernel.set('marks', marks)
  kernel.set('places', markPlaces)
  kernel.set('steps', PAGE + 4 * layout.steps)
  kernel.set('blockCount', shape.blocks)
  kernel.set('hasHistory', history ? 1 : 0)
  kernel.set('shift', spec.startItem ? 1 : 0)
  kernel.set('reach', Math.max(0, ...spec.blocks.map(({ length }) => length)))
  kernel.set('stride', stride)
  kernel.set('query', shape.query)
  kernel.set('queryN', shape.queryN)
  machine.end = end
  machine.placed++
}

function endOf(table: Table): number {
  const { optimizer, capacity, blocks } = table
  if (optimizer.kind === 'adam') return table.last + capacity * blocks
  return optimizer.kind === 'adagrad' ? table.state + capacity * blocks : table.state
}

function placeTable(kernel: Kernel, at: number, table: Table | undefined): void {
  const { ints, floats } = kernel
  const i = at / 4
  ints[i + 7] = -1
  if (table === undefined) return
  ;[table.values, table.state, table.second, table.last].forEach((offset, n) => {
    ints[i + n] = PAGE + 4 * offset
  })
  ints[i + 4] = table.columns
  ints[i + 5] = table.width
  ints[i + 6] = table.blocks
  ints[i + 7] = tableKinds[table.optimizer.kind]
  floats[i + 8] = table.optimizer.rate
  floats[i + 9] = table.optimizer.l2
}

/** The weights of long and short lists depend on their length alone: they are looked up. */
function placeBlock(machine: Machine, b: number, at: number, scales: number, decays: number): void {
  const { ints, floats } = machine.kernel
  const block = machine.store.layout.spec.blocks[b]!
  ints[at / 4] = blockKinds[block.kind]
  ints[at / 4 + 1] = block.length
  ints[at / 4 + 2] = scales
  ints[at / 4 + 3] = decays
  floats[at / 4 + 4] = block.kind === 'time' ? 1 / block.seconds : 0
  floats[at / 4 + 5] = block.power
  if (block.kind === 'time') return
  let mass = 0
  let weight = 1
  for (let n = 0; n <= block.length + 1; n++) {
    floats[scales / 4 + n] = n === 0 ? 0 : mass ** -block.power
    floats[decays / 4 + n] = weight
    mass += weight
    if (block.kind === 'short') weight *= block.decay
  }
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16
}
