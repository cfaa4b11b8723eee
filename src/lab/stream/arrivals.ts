// A log as the stream it was: events in order of time, each (user, item) once, or as often as it comes to be worth
// more, with dense ids in order of appearance.

import type { Random } from '../../sample/random.ts'
import { fullAdd, strengthCode, unmeasured, weightOf } from '../../strength.ts'
import type { Interaction, Kind } from '../../types.ts'
import type { Row } from '../offline/leave-one-out.ts'

/** `kind`: absent: a full addition. */
export type LogRow = Row & Pick<Interaction, 'kind'>

export interface Arrivals {
  readonly count: number
  readonly users: Int32Array
  readonly items: Int32Array
  /** ms, or whatever the log counts in. */
  readonly times: Float64Array
  /** What each is worth, as eventCode() of strength.ts has it; undefined: all are full and measured. */
  readonly codes: Uint16Array | undefined
  readonly userCount: number
  readonly itemCount: number
  /** Events left out because the user had the item already, and it was worth as much. */
  readonly repeats: number
}

/** `shuffle` puts events of equal time in random order; without it they keep the order of the log. */
export function arrivalsOf(rows: readonly LogRow[], shuffle?: Random): Arrivals {
  const order = Array.from(rows, (row, place) => ({ row, place }))
  if (shuffle !== undefined) {
    for (let k = order.length - 1; k > 0; k--) {
      const other = order[shuffle.below(k + 1)]!
      const { place } = order[k]!
      order[k]!.place = other.place
      other.place = place
    }
  }
  order.sort((a, b) => a.row.timestamp - b.row.timestamp || a.place - b.place)
  const userIds = new Map<string, number>()
  const itemIds = new Map<string, number>()
  /** By user and item the highest weight so far. */
  const had: Map<number, number>[] = []
  const isPlain = rows.every(({ kind }) => codeOfRow(kind) === fullAdd)
  const codes = isPlain ? undefined : new Uint16Array(rows.length)
  const users = new Int32Array(rows.length)
  const items = new Int32Array(rows.length)
  const times = new Float64Array(rows.length)
  let count = 0
  for (const { row } of order) {
    const user = idOf(userIds, row.user)
    const item = idOf(itemIds, row.item)
    const own = (had[user] ??= new Map())
    const code = codeOfRow(row.kind)
    const weight = weightOf(code % unmeasured)
    if ((own.get(item) ?? 0) >= weight) continue
    own.set(item, weight)
    if (codes !== undefined) codes[count] = code
    users[count] = user
    items[count] = item
    times[count++] = row.timestamp
  }
  return {
    ...{ count, repeats: rows.length - count },
    ...{ userCount: userIds.size, itemCount: itemIds.size },
    users: users.subarray(0, count),
    items: items.subarray(0, count),
    times: times.subarray(0, count),
    codes: codes?.subarray(0, count),
  }
}

function codeOfRow(kind: Kind | undefined): number {
  if (kind === undefined) return fullAdd
  return strengthCode(kind.weight, kind.listable) + (kind.measured ? 0 : unmeasured)
}

/** The first event with a later time than event `from`. */
export function stepEnd({ times, count }: Arrivals, from: number): number {
  let end = from + 1
  while (end < count && times[end] === times[from]) end++
  return end
}

function idOf(ids: Map<string, number>, name: string): number {
  const known = ids.get(name)
  if (known !== undefined) return known
  ids.set(name, ids.size)
  return ids.size - 1
}
