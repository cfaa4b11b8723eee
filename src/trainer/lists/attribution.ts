// Which items of a history pulled others up: each is left out in turn, and what the score of an item loses more than
// the score of an average item is what the one left out gave. True for any score, whatever it is made of.

import type { Moment, ScoreItems } from '../../learn/part.ts'
import type { UserBatch } from '../../ports/engine.ts'

export interface Pull {
  /** The item of the history. */
  readonly item: number
  /** In units of the score: by how much more the other item would fall behind without it than an average item. */
  readonly gave: number
}

/** Newest items of the history that are left out in turn: one scoring each. */
const leftOutMax = 30
/** Items that stand for all: what an average item would lose. */
const averagedMax = 32

/**
 * For each of `items`, the items of the history that pulled it up, the strongest first. `scorerOf` makes the scorer of
 * a moment; `itemsKnown`: items 0 … itemsKnown - 1 can be scored.
 */
export function pulledUp(
  scorerOf: (moment: Moment) => ScoreItems,
  moment: Moment,
  items: Int32Array,
  itemsKnown: number,
): Pull[][] {
  const { users } = moment
  const length = Math.min(users.historyStart[1]!, leftOutMax)
  const averaged = Math.min(itemsKnown, averagedMax)
  const all = new Int32Array(items.length + averaged)
  all.set(items)
  for (let a = 0; a < averaged; a++) {
    all[items.length + a] = Math.floor(((a + 0.5) * itemsKnown) / averaged)
  }
  const whole = new Float32Array(all.length)
  const short = new Float32Array(all.length)
  scorerOf(moment)(all, whole)
  const pulls: Pull[][] = Array.from(items, () => [])
  for (let l = 0; l < length; l++) {
    scorerOf({ ...moment, users: leftOut(users, l) })(all, short)
    let usual = 0
    for (let a = items.length; a < all.length; a++) usual += (whole[a]! - short[a]!) / averaged
    for (let x = 0; x < items.length; x++) {
      const gave = whole[x]! - short[x]! - usual
      if (gave > 0) pulls[x]!.push({ item: users.historyItems[l]!, gave })
    }
  }
  for (const one of pulls) one.sort((a, b) => b.gave - a.gave)
  return pulls
}

/** The one user of the batch without place `l` of the history. */
function leftOut(users: UserBatch, l: number): UserBatch {
  const end = users.historyStart[1]!
  const without = <T extends Int32Array | Float32Array>(column: T): T => {
    const kept = column.slice(0, end) as T
    kept.copyWithin(l, l + 1)
    return kept
  }
  return {
    ...users,
    historyStart: Int32Array.of(0, end - 1),
    historyItems: without(users.historyItems),
    historyAges: without(users.historyAges),
    historyLength: Int32Array.of(users.historyLength[0]! - 1),
  }
}
