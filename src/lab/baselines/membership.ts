// Which user has which item in the training log, one bit per pair, and negatives drawn from the other items.

import type { Random } from '../../sample/random.ts'
import type { Split } from '../offline/leave-one-out.ts'

const megabytesMax = 512
/** After this many tries the draw for a user who has nearly everything is given up. */
const drawsMax = 1_000

export interface Membership {
  has(user: number, item: number): boolean
  /** A uniform item that the user does not have; -1 where none was found in drawsMax tries. */
  drawNegative(user: number, random: Random): number
}

export function membership(split: Split): Membership {
  const items = split.items.length
  const bytes = Math.ceil((split.users.length * items) / 8)
  if (bytes > megabytesMax * 2 ** 20) {
    throw new RangeError(
      `expected users × items below ${megabytesMax * 2 ** 23}, got ${bytes * 8}; filter the data`,
    )
  }
  const bits = new Uint8Array(bytes)
  const { start, items: taken } = split.train
  for (let user = 0; user + 1 < start.length; user++) {
    for (let at = start[user]!; at < start[user + 1]!; at++) {
      const bit = user * items + taken[at]!
      // Not by shifts: the number of a bit may pass 2³².
      bits[Math.floor(bit / 8)]! |= 1 << (bit % 8)
    }
  }
  function has(user: number, item: number): boolean {
    const bit = user * items + item
    return (bits[Math.floor(bit / 8)]! & (1 << (bit % 8))) !== 0
  }
  return {
    has,
    drawNegative(user, random) {
      for (let draw = 0; draw < drawsMax; draw++) {
        const item = random.below(items)
        if (!has(user, item)) return item
      }
      return -1
    },
  }
}

/** The user of each event in train.items. */
export function usersOfEvents(split: Split): Int32Array {
  const { start, items } = split.train
  const users = new Int32Array(items.length)
  for (let user = 0; user + 1 < start.length; user++)
    users.fill(user, start[user]!, start[user + 1]!)
  return users
}
