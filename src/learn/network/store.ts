// The values of a network in one flat buffer: start, growth, naming for checkpoints, restore.
// All engines have their parameters in it, at the same places; what computes with them is theirs.

import { Failure } from '../../errors.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { NetworkSpec } from '../../ports/engine.ts'
import { type Layout, layoutOf, type Table } from './layout.ts'
import { type Room, type RowCounts, roomFor, unbounded } from './room.ts'
import { fillGlorot, fillNormal, tableKey } from './rows.ts'

export type { Room, RowCounts } from './room.ts'

export interface Store {
  readonly layout: Layout
  readonly room: Room
  /** The most rows that are to be expected; undefined where that is not known. */
  readonly expected: RowCounts | undefined
  /** The same bytes twice. Replaced by grow(). ints[layout.steps] counts the updates. */
  floats: Float32Array
  ints: Int32Array
  users: number
  items: number
}

/** `expected`: only where memory that is not written to takes nothing. */
export function createStore(
  spec: NetworkSpec,
  seed: number,
  room: Room = unbounded,
  expected?: RowCounts,
): Store {
  const layout = layoutOf(spec)
  const none = { users: 0, items: 0 }
  const floats = room.make(layout.tablesFrom, new Float32Array(0), none, [])
  const store = { layout, room, expected, floats, ints: wholes(floats), ...none }
  for (const piece of layout.dense.pieces) {
    if (piece.start === 'zero') continue
    const key = tableKey(seed, `${spec.name}/${piece.name}`)
    fillGlorot(floats, piece.offset, piece.rows, piece.columns, key)
  }
  startRows(store, seed, none)
  return store
}

/** Makes users and items exist; rows that exist keep their bytes. `restored`: restoreStore() fills new rows next. */
export function growStore(
  store: Store,
  seed: number,
  users: number,
  items: number,
  restored = false,
): void {
  if (!(Number.isInteger(users) && users >= 0 && Number.isInteger(items) && items >= 0)) {
    throw new RangeError(`expected numbers of users and items, got ${users} and ${items}`)
  }
  if (users <= store.users && items <= store.items) return
  const most = { users: Math.max(store.users, users), items: Math.max(store.items, items) }
  startRows(store, seed, most, restored)
}

function startRows(store: Store, seed: number, most: RowCounts, restored = false): void {
  const { layout } = store
  const wanted = layout.tables.map((table) => table.shift + most[table.of])
  if (layout.tables.some((table, t) => wanted[t]! > table.capacity)) move(store, wanted, most)
  Object.assign(store, most)
  layout.tables.forEach((table, t) => {
    if (restored) table.rows = Math.max(table.rows, wanted[t]!)
    const key = tableKey(seed, `${layout.spec.name}/${table.name}`)
    for (; table.rows < wanted[t]!; table.rows++) startRow(store, table, key, table.rows)
  })
}

/** Rows of these ids start anew; ids without rows are passed over. */
export function renewRows(store: Store, seed: number, of: Table['of'], ids: Int32Array): void {
  const { layout, floats, ints } = store
  for (const table of layout.tables) {
    if (table.of !== of) continue
    const key = tableKey(seed, `${layout.spec.name}/${table.name}`)
    for (const id of ids) {
      const row = table.shift + id
      if (row >= table.rows) continue
      for (const { offset, columns, whole } of piecesOf(table)) {
        const at = offset + row * columns
        if (whole) ints.fill(ints[layout.steps]!, at, at + columns)
        else floats.fill(0, at, at + columns)
      }
      startRow(store, table, key, row)
    }
  }
}

/** From the last piece to the first, each upwards in the same buffer, so that none is written over before it moved. */
function move(store: Store, wanted: readonly number[], most: RowCounts): void {
  const { layout, room } = store
  const { placed, end } = roomFor(store, wanted)
  // What lies beyond was never written to.
  const written = store.floats.length
  const floats = room.make(end, store.floats, most, placed)
  const before = layout.tables.flatMap(piecesOf)
  const after = placed.flatMap(piecesOf)
  const rows = placed.flatMap((table) => piecesOf(table).map(() => table.rows))
  for (let p = after.length - 1; p >= 0; p--) {
    const { offset, columns } = after[p]!
    const from = before[p]!.offset
    const length = rows[p]! * columns
    floats.copyWithin(offset, from, from + length)
    floats.fill(0, offset + length, Math.min(written, after[p + 1]?.offset ?? end))
  }
  for (const [t, table] of layout.tables.entries()) Object.assign(table, placed[t])
  store.floats = floats
  store.ints = wholes(floats)
}

function wholes(floats: Float32Array): Int32Array {
  return new Int32Array(floats.buffer, floats.byteOffset, floats.length)
}

function startRow(store: Store, table: Table, key: number, row: number): void {
  const { floats } = store
  const { columns, blocks, optimizer, noise } = table
  if (noise > 0) fillNormal(floats, table.values + row * columns, columns, key, row, noise)
  if (optimizer.kind === 'adagrad') {
    const at = table.state + row * blocks
    floats.fill(optimizer.start, at, at + blocks)
  }
}

interface Piece {
  readonly suffix: string
  readonly offset: number
  readonly columns: number
  readonly whole: boolean
}

function piecesOf(table: Table): Piece[] {
  const { kind } = table.optimizer
  const { columns, blocks } = table
  const pieces: Piece[] = [{ suffix: '', offset: table.values, columns, whole: false }]
  const add = (suffix: string, offset: number, width: number, whole = false) =>
    pieces.push({ suffix, offset, columns: width, whole })
  if (kind === 'adagrad') add('.squares', table.state, blocks)
  if (kind === 'adam') {
    add('.moments', table.state, 2 * columns)
    add('.last', table.last, blocks, true)
  }
  return pieces
}

/** All state by name, as views: valid until the next growth. */
export function tensorsOf(store: Store): Map<string, Tensor> {
  const { layout, floats, ints } = store
  const { dense, spec } = layout
  const tensors = new Map<string, Tensor>()
  const add = (name: string, offset: number, rows: number, columns: number, whole = false) => {
    const data = (whole ? ints : floats).subarray(offset, offset + rows * columns)
    tensors.set(`${spec.name}/${name}`, { shape: [rows, columns], data })
  }
  add('steps', layout.steps, 1, 1, true)
  for (const { name, offset, rows, columns } of dense.pieces) {
    add(name, offset, rows, columns)
    if (spec.dense.kind === 'sgd') continue
    add(`${name}.first`, offset - dense.offset + dense.first, rows, columns)
    add(`${name}.second`, offset - dense.offset + dense.second, rows, columns)
  }
  for (const table of layout.tables) {
    for (const { suffix, offset, columns, whole } of piecesOf(table)) {
      add(table.name + suffix, offset, table.rows, columns, whole)
    }
  }
  return tensors
}

/**
 * Copies tensors of the same names and shapes in; names of other networks are passed over. `copied` is told of each
 * once it is read no more.
 */
export function restoreStore(
  store: Store,
  tensors: ReadonlyMap<string, Tensor>,
  copied: (name: string) => void = () => undefined,
): void {
  const own = tensorsOf(store)
  for (const [name, { shape, data }] of own) {
    const given = tensors.get(name)
    const same =
      given !== undefined &&
      given.data.constructor === data.constructor &&
      given.data.length === data.length &&
      given.shape.join() === shape.join()
    if (same) continue
    const got = given ? `${given.data.constructor.name} [${given.shape}]` : 'nothing'
    throw new Failure(
      'CHECKPOINT_FOREIGN',
      `expected the tensor ${name} as ${data.constructor.name} [${shape}], got ${got}; ` +
        'start with the settings that wrote the checkpoint, or afresh',
    )
  }
  for (const [name, { data }] of own) {
    data.set(tensors.get(name)!.data)
    copied(name)
  }
}
