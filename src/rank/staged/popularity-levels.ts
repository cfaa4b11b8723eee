// Levels of popularity in the scan, rounded up. An event raises the levels of its item at once; all others only come
// down with every event, so an old level is still a bound, and they are set again in turn.

import type { Popularity } from '../../learn/part.ts'
import type { ItemScan } from '../../ports/catalogue.ts'

export interface PopularityLevels {
  /** A step of setting those that have none; whether there was any to set. */
  prepare(): boolean
  /** More may lack levels than renew() sets. */
  readonly lacks: boolean
  /** Sets the levels of items whose events were counted, and of some others in turn. False: there are no bounds. */
  renew(): boolean
  /** Levels of today are at least these shares of what is set. Valid until the next call. */
  shares(): Float32Array
}

/** Items whose levels are set again after an event: a share of the catalogue. */
const turns = 256
const perTurnMin = 512
/** Items that get levels in a step: some three milliseconds. */
const slice = 16_384
/** Where more lack them, steps come before the next list: it takes one of its own, and may put more rows before. */
const lackingMax = slice / 2
const levelMax = 255
/** Where more items were counted since the last list, as in a long time without any, all levels are set anew. */
const observedMax = 4_096
/** Logarithms are good to this. */
const slack = 1e-5
const kindsMax = 4

export function createPopularityLevels(
  scan: ItemScan,
  popularity: Popularity,
): PopularityLevels | undefined {
  const { halfLives } = popularity
  const kinds = halfLives.length
  if (kinds > kindsMax) return undefined
  const shares = new Float32Array(kinds)
  let observed: number[] = []
  /** Items below it have levels. */
  let known = 0
  let arranged = scan.arranged
  let cursor = 0
  let isBounded = true
  /** Events when this turn through all items has begun, and the one before it. */
  let begunAt = 0
  let begunBefore = 0
  let seen = -1

  function set(item: number, levels: Uint8Array): void {
    for (let k = 0; k < kinds; k++) {
      const level = Math.ceil((popularity.level(item, k) + slack) / scan.levelStep)
      if (!(level <= levelMax)) isBounded = false
      levels[4 * item + k] = level
    }
  }

  function turn(levels: Uint8Array): void {
    const { items } = scan
    const count = Math.min(items, Math.max(perTurnMin, Math.ceil(items / turns)))
    for (let n = 0; n < count; n++) {
      if (cursor >= items) {
        cursor = 0
        begunBefore = begunAt
        begunAt = popularity.events
      }
      set(cursor++, levels)
    }
  }

  popularity.watch((item) => {
    if (item === undefined || observed.length === observedMax) known = 0
    else if (item < known) observed.push(item)
  })

  /** Arranged anew, or other counts: everything is set again, and nothing is older than this. */
  function begin(): void {
    if (scan.arranged === arranged && known > 0) return
    arranged = scan.arranged
    known = 0
    observed = []
    cursor = 0
    isBounded = true
    begunAt = popularity.events
    begunBefore = begunAt
  }

  function prepare(): boolean {
    begin()
    const { levels, items } = scan
    const end = Math.min(items, known + slice)
    const some = known < end
    for (; known < end; known++) set(known, levels)
    return some
  }

  return {
    prepare,
    get lacks() {
      const has = scan.arranged === arranged ? known : 0
      return scan.items - has > lackingMax
    },
    renew() {
      prepare()
      const { levels, items } = scan
      if (known < items) return false
      for (const item of observed) if (item < items) set(item, levels)
      observed = []
      if (seen !== popularity.events) turn(levels)
      seen = popularity.events
      return isBounded
    },
    shares() {
      const since = popularity.events - begunBefore
      halfLives.forEach((halfLife, k) => {
        shares[k] = 2 ** (-since / halfLife)
      })
      return shares
    },
  }
}
