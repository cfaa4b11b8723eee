// Columns of a text file whose first row names none: told by number, or in one of the two usual orders where the values
// bear that out.

import { roles } from '../spec/shapes.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { isIds, isRatings, isTimes, type Profile } from './profile.ts'
import { looksSwapped } from './reading.ts'
import { type Decision, nowhere, type Table } from './table.ts'

export function byPlace({ spec, profiles, data }: Table): Decision {
  const told = Object.entries(spec.told)
  if (told.length > 0) return toldByPlace(spec, profiles.length)
  if (data.some(([first = '', ...others]) => /^\d+:$/.test(first.trim()) && others.length === 0)) {
    const fault =
      'lines such as «127:» name the item of the lines below them: write it into each line'
    return { index: nowhere, why: [], fault }
  }
  const [first, second, third, fourth] = profiles
  const usual = { ...nowhere, user: 0, item: 1 }
  const ids = first !== undefined && second !== undefined && isIds(first) && isIds(second)
  const swapped = looksSwapped(data.map((row) => [row[0]?.trim(), row[1]?.trim()]))
  if (swapped) {
    const why = ['column 1 holds ids of items and column 2 ids of users']
    return {
      index: { ...usual, user: 1, item: 0, timestamp: lastTimes(profiles) },
      why,
      fault: why[0]!,
    }
  }
  if (ids && isTimes(third)) {
    return {
      index: { ...usual, timestamp: 2 },
      why: ['columns 1, 2 and 3 are user, item and time: by their values'],
    }
  }
  if (ids && profiles.length === 4 && third!.rating && isTimes(fourth)) {
    const why = ['columns 1 to 4 are user, item, rating and time: by their values']
    return { index: { ...usual, timestamp: 3, rating: 2 }, why }
  }
  const timestamp = lastTimes(profiles)
  const fault =
    timestamp < 0
      ? 'no column holds times'
      : second !== undefined && isRatings(second)
        ? 'column 2 looks like a rating, not like an item'
        : `they are not in the order user, item, time: the time is column ${timestamp + 1}`
  return { index: { ...nowhere, timestamp }, why: [], fault }
}

function lastTimes(profiles: readonly Profile[]): number {
  return profiles.findLastIndex(isTimes)
}

function toldByPlace(spec: MappingSpec, width: number): Decision {
  const index = { ...nowhere }
  const why: string[] = []
  for (const role of roles) {
    const path = spec.told[role]
    if (path === undefined) {
      if (role === 'user' || role === 'item' || role === 'timestamp') {
        return {
          index,
          why,
          fault: `--columns does not give ${role}=, and the first row names no columns`,
        }
      }
      continue
    }
    for (const one of path.alternatives) {
      if (one.kind === 'field' && one.column !== undefined && one.column <= width)
        index[role] = one.column - 1
    }
    if (index[role] < 0 && path.alternatives.every(({ kind }) => kind === 'field')) {
      return { index, why, fault: `there is no column ${path.text} among ${width}` }
    }
    why.push(`${role} is ${path.text}: as given`)
  }
  return { index, why }
}
