// Which items of a history raised the scores of others. Each is left out in turn: what the score of an item then loses
// beyond the loss of an average item is attributed to the item that was left out. This works for any score.

import type { Moment, ScoreItems } from '../../learn/part.ts'
import type { UserBatch } from '../../ports/engine.ts'

export interface Attribution {
  /** The item of the history. */
  readonly item: number
  /** In units of the score: how much further the other item would fall without it than an average item. */
  readonly gave: number
}

/** The newest items of the history that are left out in turn; each costs one scoring. */
const leftOutMax = 30
/** Items, evenly spread over the catalogue, whose mean stands for the average item. */
const averagedMax = 32

/**
 * For each of `items` the items of the history that raised its score, the strongest first. `itemsKnown`: items
 * 0 … itemsKnown - 1 can be scored.
 */
export function attributeScores(
  score: ScoreItems,
  moment: Moment,
  items: Int32Array,
  itemsKnown: number,
): Attribution[][] {
  const { users } = moment
  const length = Math.min(users.historyStart[1]!, leftOutMax)
  const averaged = Math.min(itemsKnown, averagedMax)
  const all = new Int32Array(items.length + averaged)
  all.set(items)
  for (let a = 0; a < averaged; a++) {
    all[items.length + a] = Math.floor(((a + 0.5) * itemsKnown) / averaged)
  }
  const whole = new Float32Array(all.length)
  const without = new Float32Array(all.length)
  score(moment, all, whole)
  const attributions: Attribution[][] = Array.from(items, () => [])
  for (let l = 0; l < length; l++) {
    score({ ...moment, users: leaveOut(users, l) }, all, without)
    let average = 0
    for (let a = items.length; a < all.length; a++) {
      average += (whole[a]! - without[a]!) / averaged
    }
    for (let x = 0; x < items.length; x++) {
      const gave = whole[x]! - without[x]! - average
      if (gave > 0) attributions[x]!.push({ item: users.historyItems[l]!, gave })
    }
  }
  for (const ofItem of attributions) ofItem.sort((a, b) => b.gave - a.gave)
  return attributions
}

/** The one user of the batch without place `l` of the history. */
function leaveOut(users: UserBatch, l: number): UserBatch {
  const end = users.historyStart[1]!
  const without = <T extends Int32Array | Float32Array>(column: T): T => {
    const shorter = column.slice(0, end) as T
    shorter.copyWithin(l, l + 1)
    return shorter
  }
  return {
    ...users,
    historyStart: Int32Array.of(0, end - 1),
    historyItems: without(users.historyItems),
    historyAges: without(users.historyAges),
    historyLength: Int32Array.of(users.historyLength[0]! - 1),
  }
}
