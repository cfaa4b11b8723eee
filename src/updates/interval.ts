// After how many events a worker appends what it has learned. What the others do not know yet should be little beside
// what all know already: so it appends sooner while the group has learned little, and sooner where the group is large.

export interface Interval {
  /** Events of the worker at most, in a group of up to `usualWorkers`. */
  readonly ownMax: number
  /** Records of the input that the group has learned. */
  readonly learned: number
  /** Workers that learn. */
  readonly workers: number
}

/** More workers append sooner, so that the events of all between two records of one become fewer: by this power. */
export const usualWorkers = 4
const soonerPower = 1.5
/** Of what the group has learned, the share that all may learn between two records of one of them. */
const newShare = 1 / 40
/**
 * Sooner is not worth a record: it has parts that are as large after one event as after many. In a larger group less is
 * enough, since what each learns alone is a larger part of what it knows of an item.
 */
const ownLeast = 50

export function eventsBetween({ ownMax, learned, workers }: Interval): number {
  const sooner = Math.min(1, usualWorkers / Math.max(1, workers))
  const all = Math.min(usualWorkers * ownMax * sooner ** soonerPower, newShare * learned)
  const own = Math.max(ownLeast * Math.sqrt(sooner), all / Math.max(1, workers))
  return Math.min(ownMax, Math.ceil(own))
}
