// Dense numbers for names, in order of first appearance. Bounded: beyond the bound the names that were not met for
// longest lose their numbers, which then stand for others. Whoever keeps something by number is told of each change in
// order; names of numbers that others still use as before can be asked for as of then.

import type { IdChange } from '../types.ts'
import { inOrderOfUse, Recency } from './eviction/recency.ts'
import { NameTable } from './name-table.ts'

export interface Ids {
  /** Makes what looks up the names that were known at the start; else the first use does. */
  prepare(): void
  /** The number of a name that is met now, a new one if need be, or -1: all are held. */
  of(name: string): number
  /** As of() for a name that is only stored somewhere: it takes no other's number, and is the first to lose its own. */
  stored(name: string): number
  /** The number of a known name, or undefined. */
  find(name: string): number | undefined
  /** Who had the number after this many evictions; now, where they are left out. '': nobody. */
  name(id: number, evictions?: number): string
  /** Numbers given so far, also those that stand for nobody now. */
  readonly size: number
  /** Names that have lost their numbers so far. */
  readonly evictions: number
  /** Numbers of names that are met from now on are nobody else's until release(). */
  hold(): Hold
  /** Names with numbers that nobody had before, since the last call, in order. */
  takeNew(): string[]
  /** Numbers that stand for others since the last call, in order; `at`: when, for those of the hold, else 0. */
  takeChanges(hold?: Hold): IdChange[]
  /** Names that have lost their numbers since the last call. */
  takeEvicted(): string[]
  /** Nobody asks for names as of fewer evictions any more. */
  dropFormerNames(evictions: number): void
  /** `listener` is told every number whose name loses it. */
  watch(listener: (id: number) => void): void
}

export interface Hold {
  /** Counts what is met under the hold: changes say at which count they came. */
  at: number
  release(): void
}

export interface IdsOptions {
  /** Names with numbers, e.g. from a checkpoint; '' where a number stands for nobody. */
  readonly known?: Iterable<string> | undefined
  /** By number, which event was the last; 0: none. */
  readonly seen?: ArrayLike<number> | undefined
  /**
   * Names that lose their numbers together, as a share of the bound; one where that is less. Several lose them long
   * before others get them: at least as many new names are met in between.
   */
  readonly evictedShare?: number
}

export function createIds(
  max: number,
  { known = [], seen = [], evictedShare = 0 }: IdsOptions = {},
): Ids {
  const names = new NameTable()
  for (const name of known) names.push(name)
  const recency = new Recency()
  const atOnce = Math.max(1, Math.floor(evictedShare * max))
  /** Numbers of nobody, in the order in which they are given away. */
  let vacant: number[] = []
  /** Numbers of nobody that come after those. */
  let leaving: number[] = []
  const holds = new Set<Hold & { readonly since: number }>()
  let current: Hold | undefined
  let changes: { change: IdChange; hold: Hold | undefined }[] = []
  const evicted: string[] = []
  let evictions = 0
  /** Who had a number until which eviction, for those who still use it so. */
  const former = new Map<number, { readonly until: number; readonly name: string }[]>()
  let told = names.length
  let tell: (id: number) => void = () => undefined

  /** What is to be prepared; nothing that lives on holds it after that. */
  let start: { readonly seen: ArrayLike<number> } | undefined = { seen }

  /** Takes a second for each million of known names. */
  function prepare(): void {
    if (start === undefined) return
    const { seen } = start
    start = undefined
    names.prepare()
    for (const id of inOrderOfUse(names.length, seen)) {
      if (names.is(id, '')) vacant.push(id)
      else if ((seen[id] ?? 0) > 0) recency.add(id)
      else recency.addStored(id)
    }
    // Those that were evicted last had been used last.
    if (atOnce > 1) leaving = vacant.splice(Math.max(0, vacant.length - atOnce))
  }

  function give(id: number, name: string): void {
    names.rename(id, name)
    changes.push({ change: { id, name, at: current?.at ?? 0 }, hold: current })
  }

  /** Numbers that are nobody's from now on. */
  function evict(): number[] {
    const heldFrom = Math.min(...[...holds].map(({ since }) => since))
    const gone: number[] = []
    for (let id = recency.longestIdle; id >= 0 && gone.length < atOnce; id = recency.longestIdle) {
      if (recency.stampOf(id) > heldFrom) break
      recency.remove(id)
      gone.push(id)
    }
    for (const id of gone) {
      const name = names.name(id)
      evictions++
      former.set(id, [...(former.get(id) ?? []), { until: evictions, name }])
      evicted.push(name)
      give(id, '')
      tell(id)
    }
    return gone
  }

  /** Sees to it that there is a number for a new name. */
  function makeRoom(): void {
    const ready = () => vacant.length + max - names.length
    if (ready() <= 0) {
      vacant = leaving.length > 0 ? leaving : evict()
      leaving = []
    }
    if (atOnce > 1 && leaving.length === 0 && ready() <= atOnce) leaving = evict()
  }

  /** A number for a new name, or -1. */
  function place(name: string): number {
    const id = vacant.shift()
    if (id === undefined) return names.length < max ? names.push(name) : -1
    give(id, name)
    return id
  }

  return {
    prepare,
    of(name) {
      prepare()
      const found = names.find(name)
      if (found !== undefined) {
        recency.use(found)
        return found
      }
      makeRoom()
      const id = place(name)
      if (id >= 0) recency.add(id)
      return id
    },
    stored(name) {
      prepare()
      const found = names.find(name)
      if (found !== undefined) return found
      const id = place(name)
      if (id >= 0) recency.addStored(id)
      return id
    },
    find(name) {
      prepare()
      return names.find(name)
    },
    name(id, asOf = evictions) {
      const then = asOf < evictions ? former.get(id)?.find(({ until }) => until > asOf) : undefined
      return then?.name ?? names.name(id)
    },
    get size() {
      return names.length
    },
    get evictions() {
      return evictions
    },
    hold() {
      prepare()
      const hold = {
        at: 0,
        since: recency.used,
        release() {
          holds.delete(hold)
          if (current === hold) current = undefined
        },
      }
      holds.add(hold)
      current = hold
      return hold
    },
    takeNew() {
      const fresh = names.slice(told)
      told = names.length
      return fresh
    },
    takeChanges(hold) {
      let at = 0
      const taken = changes.map(({ change, hold: under }) => {
        if (under === hold) at = Math.max(at, change.at)
        return { ...change, at }
      })
      changes = []
      return taken
    },
    takeEvicted: () => evicted.splice(0),
    dropFormerNames(evictions) {
      for (const [id, those] of former) {
        const left = those.filter(({ until }) => until > evictions)
        if (left.length === 0) former.delete(id)
        else if (left.length < those.length) former.set(id, left)
      }
    },
    watch(listener) {
      tell = listener
    },
  }
}
