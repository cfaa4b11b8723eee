// Why the columns of a text file are not believed, and the flag that would say which they are.

import { candidates, quotedName } from '../spec/names.ts'
import { neededRoles } from '../spec/open.ts'
import { isIds, isRatings, isTimes } from './profile.ts'
import type { Refusal } from './reading.ts'
import type { Decision, Table } from './table.ts'

/** Columns shown with a value of each. */
const shownMax = 12
const valueCharsMax = 24

export function refusalOfCells(table: Table, { index, fault = '' }: Decision): Refusal {
  const { names, profiles, data } = table
  const nameOf = (k: number): string => (names?.[k] ? quotedName(names[k]) : String(k + 1))
  const places = profiles.map((_, k) => k)
  const times = places.filter((k) => isTimes(profiles[k]))
  const ids = places.filter(
    (k) => isIds(profiles[k]!) && (profiles[k]!.distinct > 1 || data.length === 1),
  )
  const byName = (role: 'user' | 'item' | 'timestamp'): number[] =>
    names === undefined ? [] : candidates(role, names)
  const timestamp =
    index.timestamp >= 0 && isTimes(profiles[index.timestamp]) ? index.timestamp : times[0]
  const user = first([index.user], byName('user'), ids)
  const item = first(
    [index.item].filter((k) => k !== user),
    byName('item'),
    ids.filter((k) => k !== user),
  )
  const flag = [
    `user=${user === undefined ? '…' : nameOf(user)}`,
    `item=${item === undefined ? '…' : nameOf(item)}`,
    `timestamp=${timestamp === undefined ? '@line' : nameOf(timestamp)}`,
    ...rating(table, nameOf),
  ].join(',')
  const shown = places.slice(0, shownMax).map((k) => {
    const value = data.map((row) => row[k]?.trim() ?? '').find((cell) => cell !== '') ?? ''
    return `${names?.[k] ?? k + 1} «${value.slice(0, valueCharsMax)}»`
  })
  const found = `${profiles.length} columns: ${shown.join(', ')}${profiles.length > shownMax ? ', …' : ''}`
  const noTime =
    timestamp === undefined ? '; timestamp=@line takes the order of the lines for the time' : ''
  return {
    message: `${fault}; found ${found}${noTime}`,
    candidates: Object.fromEntries(
      neededRoles.map((role) => [
        role,
        [...new Set([...byName(role), ...(role === 'timestamp' ? times : ids)])].map(nameOf),
      ]),
    ),
    flag: `--columns '${flag}'`,
  }
}

function first(...lists: readonly (readonly number[])[]): number | undefined {
  return lists.flat().find((k) => k >= 0)
}

function rating({ names, profiles }: Table, nameOf: (k: number) => string): string[] {
  const named = names === undefined ? undefined : candidates('rating', names)[0]
  const k = named ?? profiles.findIndex(isRatings)
  return k >= 0 ? [`rating=${nameOf(k)}`] : []
}
