// Draws of preference triplets (u,i,j): u prefers i, which u has, to j, which u does not have now.
// D_S holds all such triplets, D̄_S their mirrors (u,j,i). Never a false negative against the set at
// the time of the draw; every loop is bounded and says how often it rejected.
//
// Symbols: u user, i positive item, j negative item, n number of known items, I_u the positive set of u.

import type { Positives } from '../remember/positives.ts'
import type { Random } from './random.ts'
import type { SharedDraws } from './shared-draws.ts'

export interface TripletLimits {
  /** Whole triples thrown away for one draw before it is given up. */
  readonly drawsPerTripletMax: number
  /** Negatives thrown away for one candidate before it is left out. */
  readonly drawsPerNegativeMax: number
}

/** A triplet as user, place of i in the user's run, i and j. Reused: read it before the next draw. */
export interface Triplet {
  user: number
  place: number
  i: number
  j: number
}

export interface SamplerCounts {
  /** Draws thrown away since the start. */
  rejected: number
  /** Draws given up because the bound was reached: users who have (nearly) every item. */
  saturated: number
}

/** Adds what a sampler has counted to running totals and empties it, so that the totals survive a restore. */
export function moveCounts(from: SamplerCounts, into: SamplerCounts): void {
  into.rejected += from.rejected
  into.saturated += from.saturated
  from.rejected = 0
  from.saturated = 0
}

export interface TripletSampler {
  /**
   * A triplet exactly uniform over D_S: (u,i) uniform over all positives, j uniform over all items, and the
   * whole triple thrown away when j ∈ I_u (redrawing j alone would over-weigh users with many positives).
   * Returns false when the bound was reached or there is nothing to draw.
   */
  uniform(out: Triplet): boolean
  /** (u,i) uniform over all positives, independent of j, as in the authors' published code. */
  positive(out: Triplet): boolean
  /** j uniform over the items u does not have, or -1 when the bound was reached. */
  negative(user: number): number
  /** Writes this many of them to out[from …]; returns how many are items. */
  negatives(user: number, out: Int32Array, from: number, count: number): number
  readonly counts: SamplerCounts
}

/** `shared`: several negatives at once are taken from there where they are lent. */
export function createTripletSampler(
  positives: Positives,
  random: Random,
  limits: TripletLimits,
  shared?: SharedDraws,
): TripletSampler {
  const counts: SamplerCounts = { rejected: 0, saturated: 0 }

  function positive(out: Triplet): boolean {
    const { runs } = positives
    if (positives.size === 0) return false
    // At least an eighth of the slots is in use as long as users are not removed in masses.
    for (let tries = 0; tries < 100_000; tries++) {
      const slot = random.below(runs.used)
      const user = runs.userOf(slot)
      if (user < 0) continue
      out.user = user
      out.place = slot - runs.start[user]!
      out.i = runs.items[slot]!
      return true
    }
    return false
  }

  function uniform(out: Triplet): boolean {
    if (positives.items === 0) return false
    for (let tries = 0; tries < limits.drawsPerTripletMax; tries++) {
      if (!positive(out)) return false
      out.j = random.below(positives.items)
      if (!positives.has(out.user, out.j)) return true
      counts.rejected++
    }
    counts.saturated++
    return false
  }

  function negative(user: number, tried = 0): number {
    if (positives.items === 0) return -1
    for (let tries = tried; tries < limits.drawsPerNegativeMax; tries++) {
      const j = random.below(positives.items)
      if (!positives.has(user, j)) return j
      counts.rejected++
    }
    counts.saturated++
    return -1
  }

  function negatives(user: number, out: Int32Array, from: number, count: number): number {
    if (positives.items === 0) return out.fill(-1, from, from + count) && 0
    if (!shared?.take(out, from, count)) random.fill(positives.items, out, from, count)
    const end = from + count
    let found = count
    let at = positives.owned.next(user, out, from, end)
    for (; at < end; at = positives.owned.next(user, out, at + 1, end)) {
      counts.rejected++
      out[at] = negative(user, 1)
      if (out[at]! < 0) found--
    }
    return found
  }

  return { uniform, positive, negative: (user) => negative(user), negatives, counts }
}
