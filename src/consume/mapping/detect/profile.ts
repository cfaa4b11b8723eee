// What the values of a column look like: times, ratings, places, words. By the majority of the filled cells.

import { holdsNothing } from '../rows/cell-mapping.ts'
import type { MappingSpec } from '../spec/spec.ts'
import { implausible } from '../times/times.ts'

export interface Profile {
  /** Cells that hold something. */
  readonly filled: number
  readonly distinct: number
  /** Shares of the filled cells. */
  readonly plausible: number
  readonly numeric: number
  readonly fractional: number
  /** All filled cells are numbers of a scale of at most 0 … 10 (or -1) in halves. */
  readonly rating: boolean
}

const number = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

export function profileOf(cells: readonly (string | undefined)[], spec: MappingSpec): Profile {
  const values = cells.map((cell) => cell?.trim() ?? '').filter((cell) => !holdsNothing(cell))
  const share = (test: (cell: string) => boolean): number =>
    values.length === 0 ? 0 : values.filter(test).length / values.length
  return {
    filled: values.length,
    distinct: new Set(values).size,
    plausible: share((cell) => isPlausible(cell, spec)),
    numeric: share((cell) => number.test(cell)),
    fractional: share((cell) => number.test(cell) && cell.includes('.')),
    rating: values.length > 0 && values.every(isRating),
  }
}

export function isPlausible(cell: string, spec: MappingSpec): boolean {
  const ms = spec.times.ofText(cell.trim())
  return !Number.isNaN(ms) && ms !== implausible
}

function isRating(cell: string): boolean {
  const value = Number(cell)
  return number.test(cell) && value >= -1 && value <= 10 && Number.isInteger(value * 4)
}

/** Something stands in most of its cells. */
export function isFilled(profile: Profile | undefined, rows: number): boolean {
  return profile !== undefined && profile.filled >= rows / 2
}

export function isNumeric(cell: string): boolean {
  return number.test(cell.trim())
}

/** From this share on a column is taken for one of times. */
const timeShare = 0.5

export function isTimes(profile: Profile | undefined): boolean {
  return profile !== undefined && profile.filled > 0 && profile.plausible > timeShare
}

/** Rows from which a column of a few small numbers is believed to hold ratings and not items. */
const rowsForRatings = 10

/** Few small numbers, again and again: a rating, however it is called. */
export function isRatings({ rating, filled, distinct }: Profile): boolean {
  return rating && filled >= rowsForRatings && distinct <= filled / 2
}

/** May hold ids: not times, not ratings, not coordinates or prices. */
export function isIds(profile: Profile): boolean {
  return (
    profile.filled > 0 &&
    !isTimes(profile) &&
    !isRatings(profile) &&
    profile.fractional <= timeShare
  )
}
