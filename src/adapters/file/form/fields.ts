// The wanted cells of a line by role. They are cut straight out of the bytes where nothing is quoted.

import type { Role } from '../../../consume/mapping/spec/shapes.ts'

/** Where each role stands, from 0; -1: nowhere. */
export type Places = Readonly<Record<Role, number>>

type Fields = Readonly<Record<string, string>>

/** A slice of a long line's text would keep the line alive: each cell is a text of its own. */
export function cutCells(line: Buffer, delimiter: string, places: Places): Fields {
  const { user, item, timestamp, action, rating } = places
  const last = Math.max(user, item, timestamp, action, rating)
  const code = delimiter.charCodeAt(0)
  const width = delimiter.length
  const { length } = line
  // Variables, not an object: this runs for every line.
  let userText: string | undefined
  let itemText: string | undefined
  let timeText: string | undefined
  let actionText: string | undefined
  let ratingText: string | undefined
  let start = 0
  for (let column = 0; column <= last && start <= length; column++) {
    let end = start
    while (end < length && (line[end] !== code || (width === 2 && line[end + 1] !== code))) end++
    if (column === user) userText = line.toString('utf8', start, end)
    else if (column === item) itemText = line.toString('utf8', start, end)
    else if (column === timestamp) timeText = line.toString('utf8', start, end)
    else if (column === action) actionText = line.toString('utf8', start, end)
    else if (column === rating) ratingText = line.toString('utf8', start, end)
    start = end + width
  }
  return named(userText, itemText, timeText, actionText, ratingText)
}

export function pickCells(cells: readonly string[], places: Places): Fields {
  return named(
    owned(cells[places.user]),
    owned(cells[places.item]),
    cells[places.timestamp],
    cells[places.action],
    cells[places.rating],
  )
}

function owned(cell: string | undefined): string | undefined {
  return cell === undefined ? undefined : Buffer.from(cell).toString('utf8')
}

function named(
  user: string | undefined,
  item: string | undefined,
  timestamp: string | undefined,
  action: string | undefined,
  rating: string | undefined,
): Fields {
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
