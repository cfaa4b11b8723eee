// The wanted cells of a line by role. They are cut straight out of the bytes where nothing is quoted.

import type { Role } from '../../../consume/mapping/shapes.ts'

/** Where each role stands, from 0; -1: nowhere. */
export type Places = Readonly<Record<Role, number>>

interface Cells {
  user: string | undefined
  item: string | undefined
  timestamp: string | undefined
  action: string | undefined
  rating: string | undefined
}

type Fields = Readonly<Record<string, string>>

/** A slice of a long line's text would keep the line alive: each cell is a text of its own. */
export function cutCells(line: Buffer, delimiter: string, places: Places): Fields {
  const cells: Cells = {
    ...{ user: undefined, item: undefined, timestamp: undefined },
    ...{ action: undefined, rating: undefined },
  }
  const { user, item, timestamp, action, rating } = places
  const last = Math.max(user, item, timestamp, action, rating)
  const code = delimiter.charCodeAt(0)
  const width = delimiter.length
  const { length } = line
  let start = 0
  for (let column = 0; column <= last && start <= length; column++) {
    let end = start
    while (end < length && (line[end] !== code || (width === 2 && line[end + 1] !== code))) end++
    if (column === user) cells.user = line.toString('utf8', start, end)
    else if (column === item) cells.item = line.toString('utf8', start, end)
    else if (column === timestamp) cells.timestamp = line.toString('utf8', start, end)
    else if (column === action) cells.action = line.toString('utf8', start, end)
    else if (column === rating) cells.rating = line.toString('utf8', start, end)
    start = end + width
  }
  return named(cells)
}

export function pickCells(cells: readonly string[], places: Places): Fields {
  return named({
    user: owned(cells[places.user]),
    item: owned(cells[places.item]),
    timestamp: cells[places.timestamp],
    action: cells[places.action],
    rating: cells[places.rating],
  })
}

function owned(cell: string | undefined): string | undefined {
  return cell === undefined ? undefined : Buffer.from(cell).toString('utf8')
}

function named({ user, item, timestamp, action, rating }: Cells): Fields {
  if (user !== undefined && item !== undefined && timestamp !== undefined) {
    if (action === undefined && rating === undefined) return { user, item, timestamp }
  }
  const fields: Record<string, string> = {}
  if (user !== undefined) fields.user = user
  if (item !== undefined) fields.item = item
  if (timestamp !== undefined) fields.timestamp = timestamp
  if (action !== undefined) fields.action = action
  if (rating !== undefined) fields.rating = rating
  // No field at all says that the line is blank, and this one is not.
  return Object.keys(fields).length > 0 ? fields : { user: '' }
}
