// A memory with 32-bit addresses ends at 4 GiB. What a network takes of it is known before any row is made, so too many
// rows are refused at the start, and on growth before anything has changed.

import { PAGE } from '../../../arrays.ts'
import { Failure } from '../../../errors.ts'
import { layoutOf, type Table } from '../../../learn/network/layout.ts'
import { bytesOf } from '../../../learn/network/room.ts'
import type { RowCounts } from '../../../learn/network/store.ts'
import type { NetworkSpec } from '../../../ports/engine.ts'
import { memoryMax } from '../kernel/module.ts'

/** Reserved for what does not grow with the tables: records, vectors, the batch of a call. */
const callBytes = 64 * 2 ** 20

/** Bytes of a memory whose store takes `storeBytes`, with the marks of each source row of a history. */
export function memoryWith(storeBytes: number, tables: readonly Table[]): number {
  const sources = tables.filter(({ name }) => name.endsWith('.context'))
  const marks = 8 * Math.max(0, ...sources.map(({ capacity }) => capacity))
  return PAGE + storeBytes + marks + callBytes
}

/** Bytes of the memory of a network with exactly these numbers of rows. */
export function memoryOf(spec: NetworkSpec, { users, items }: RowCounts): number {
  const { tables } = layoutOf(spec)
  for (const table of tables) table.capacity = table.shift + (table.of === 'users' ? users : items)
  return memoryWith(bytesOf(spec, users, items), tables)
}

/**
 * To be called at the start: checks that a network can ever hold the most rows that it may get.
 * @throws Failure LIMIT_REACHED, with what is needed, what fits, and what to do
 */
export function checkLimit(spec: NetworkSpec, rows: RowCounts, bytesMax = memoryMax): void {
  if (memoryOf(spec, rows) > bytesMax) refuseRows(spec, rows, bytesMax)
}

/** `bytes` is more than memoryOf() gives where tables have grown beyond the rows they were asked for. */
export function refuseRows(
  spec: NetworkSpec,
  rows: RowCounts,
  bytesMax: number,
  bytes = memoryOf(spec, rows),
): never {
  const { users, items } = rows
  const empty = memoryOf(spec, { users: 0, items: 0 })
  const million = 1_000_000
  const perUser = (memoryOf(spec, { users: million, items: 0 }) - empty) / million
  const perItem = (memoryOf(spec, { users: 0, items: million }) - empty) / million
  const userRoom = bytesMax - empty - items * perItem
  const itemRoom = bytesMax - empty - users * perUser
  const fitting = [
    perUser > 0 && userRoom > 0 ? `${number(userRoom / perUser)} users beside these items` : '',
    perItem > 0 && itemRoom > 0 ? `${number(itemRoom / perItem)} items beside these users` : '',
  ].filter((one) => one !== '')
  const fits = fitting.length === 0 ? '' : `; it holds ${fitting.join(', or ')}`
  const each = `${Math.ceil(perUser)} bytes a user and ${Math.ceil(perItem)} an item`
  const whole = `${number(users)} users and ${number(items)} items`
  refuse(spec, bytes, bytesMax, ` for ${whole} (${each})`, fits)
}

export function refuse(
  { name, factors }: NetworkSpec,
  bytes: number,
  bytesMax: number,
  why = '',
  fits = '',
): never {
  const gibibytes = (n: number) => (n / 2 ** 30).toFixed(2)
  throw new Failure(
    'LIMIT_REACHED',
    `the network ${name} with ${factors} factors needs ${gibibytes(bytes)} GiB${why}, a WebAssembly memory ends at ` +
      `${gibibytes(bytesMax)} GiB${fits}: lower --users-max, --items-max or --factors, or use --engine arrays, ` +
      'which has no such limit',
  )
}

function number(n: number): string {
  return Math.floor(n).toLocaleString('en-US')
}
