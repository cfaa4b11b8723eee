// A log as the stream it was: events in order of time, each (user, item) once, with dense ids in order of appearance.

import type { Random } from '../../sample/random.ts'
import type { Row } from '../offline/leave-one-out.ts'

export interface Arrivals {
  readonly count: number
  readonly users: Int32Array
  readonly items: Int32Array
  /** ms, or whatever the log counts in. */
  readonly times: Float64Array
  readonly userCount: number
  readonly itemCount: number
  /** Events left out because the user had the item already. */
  readonly repeats: number
}

/** `shuffle` puts events of equal time in random order; without it they keep the order of the log. */
export function arrivalsOf(rows: readonly Row[], shuffle?: Random): Arrivals {
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
  const had: Set<number>[] = []
  const users = new Int32Array(rows.length)
  const items = new Int32Array(rows.length)
  const times = new Float64Array(rows.length)
  let count = 0
  for (const { row } of order) {
    const user = idOf(userIds, row.user)
    const item = idOf(itemIds, row.item)
    const own = (had[user] ??= new Set())
    if (own.has(item)) continue
    own.add(item)
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
  }
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
