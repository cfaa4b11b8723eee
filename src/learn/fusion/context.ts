// What the hidden layer knows of a moment beside the features of items: how long the user's history is and how old, how
// far the stream is, and the user's skill (skill.ts), in units of running deviations. The hour of the day told nothing.

import type { Moment } from '../part.ts'

/** Numbers of context before those of the skill. */
export const ownContexts = 5
/** The age of this item of the history, counted from 0 for the newest, tells how fast the user takes items. */
const earlierItem = 5
/** Added to a variance, so that what has hardly changed does not become large when it does. */
const floor = 1e-3
const most = 5

export interface Context {
  /** (5 + F) in their own units. What stands behind the first five is written by others. */
  readonly raw: Float32Array
  /** (2, 5 + F) means and variances. */
  readonly spread: Float64Array
  /** Takes the moment, after `events` events, and moves means and variances towards it. */
  follow(moment: Moment, events: number, rate: number): void
  /** The numbers of the moment. Valid until the next call. */
  of(moment: Moment, events: number): Float32Array
}

/** `features`: how many numbers of skill there are. */
export function createContext(features: number): Context {
  const width = ownContexts + features
  const raw = new Float32Array(width)
  const values = new Float32Array(width)
  const spread = new Float64Array(2 * width)

  function read({ users }: Moment, events: number): void {
    const length = users.historyStart[1]!
    const ages = users.historyAges
    raw[0] = Math.log(1 + users.historyLength[0]!)
    raw[1] = length > 0 ? Math.log(1 + ages[0]!) : 0
    raw[2] = length > earlierItem ? Math.log(1 + ages[earlierItem]!) : 0
    raw[3] = length === 0 ? 1 : 0
    raw[4] = Math.log(1 + events)
  }

  return {
    raw,
    spread,
    follow(moment, events, rate) {
      read(moment, events)
      for (let k = 0; k < width; k++) {
        spread[k]! += rate * (raw[k]! - spread[k]!)
        const off = raw[k]! - spread[k]!
        spread[width + k]! += rate * (off * off - spread[width + k]!)
      }
    },
    of(moment, events) {
      read(moment, events)
      for (let k = 0; k < width; k++) {
        const value = (raw[k]! - spread[k]!) / Math.sqrt(spread[width + k]! + floor)
        values[k] = Math.max(-most, Math.min(most, value))
      }
      return values
    },
  }
}
