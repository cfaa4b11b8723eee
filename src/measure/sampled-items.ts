// The items that an arriving one is ranked among: drawn uniformly from those that the user does not have, or has so
// that they may be listed, or, where items are chosen again, from all others.

import type { Positives } from '../remember/positives.ts'
import type { Random } from '../sample/random.ts'
import { SharedDraws } from '../sample/shared-draws.ts'

export const sampledNegatives = 100
const knownItemsMin = 150
const drawsMax = 20_000

/**
 * Returns a function that gives the item and a hundred others, all different, in an array that the next call fills
 * again; undefined where too few items are known or the user has nearly all of them. In a catalogue that `shared`
 * covers they are draws of its set.
 */
export function createSampledItems(
  positives: Positives,
  random: Random,
  fromAll = false,
  shared = new SharedDraws(),
): (user: number, item: number) => Int32Array | undefined {
  const items = new Int32Array(1 + sampledNegatives)
  /** The number of the call that drew the item last. */
  let drawnIn = new Int32Array(1024)
  let call = 0

  return (user, item) => {
    const known = positives.items
    if (known < knownItemsMin) return undefined
    if (drawnIn.length < known) drawnIn = new Int32Array(2 * known)
    call++
    const [seen, now] = [drawnIn, call]
    items[0] = item
    let found = 0
    if (shared.covers(known)) {
      for (let at = 0; at < drawsMax && found < sampledNegatives; at++) {
        const j = shared.draw(at, random, known)
        if (j === item || seen[j] === now || (!fromAll && positives.excludes(user, j))) continue
        seen[j] = now
        items[++found] = j
      }
      return found === sampledNegatives ? items : undefined
    }
    for (let tries = 0; tries < drawsMax && found < sampledNegatives; ) {
      // Only as many as are missing, so that the generator gives no more than are needed.
      const first = found + 1
      const end = Math.min(1 + sampledNegatives, first + drawsMax - tries)
      random.fill(known, items, first, end - first)
      tries += end - first
      for (let x = first; x < end; x++) {
        const j = items[x]!
        if (j === item || seen[j] === now || (!fromAll && positives.excludes(user, j))) continue
        seen[j] = now
        items[++found] = j
      }
    }
    return found === sampledNegatives ? items : undefined
  }
}
