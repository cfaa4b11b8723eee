// Why a user gets this list: what each part gave to each item, and which items of the history pulled it up.

import type { Moment } from '../../learn/part.ts'
import type { Explanation } from '../../messages.ts'
import type { Books } from '../loop/state.ts'
import type { Learner } from '../model/learner.ts'
import { type Pull, pulledUp } from './attribution.ts'
import type { Lists } from './lists.ts'

const positivesShown = 100
const reasonsShown = 3
/** Less reads as nothing. */
const gaveMin = 0.005

export function explain(
  learner: Learner,
  lists: Lists,
  books: Books,
  user: number,
  k: number,
  at?: number,
): Explanation {
  const { positives, preference } = learner
  const list = lists.rank(user, k, at)
  const { items: runItems, times, start, length } = positives.runs
  const owned = Array.from({ length: length[user] ?? 0 }, (_, place) => start[user]! + place)
  const moment = learner.momentOf(user, at ?? list.newestEvent)
  const gave = preference.gave(moment, list.items)
  const pulls = because(learner, moment, list.items, gave)
  return {
    user: books.users[user]!,
    positives: owned
      .reverse()
      .slice(0, positivesShown)
      .map((slot) => ({ item: books.items[runItems[slot]!]!, timestamp: times[slot]! })),
    source: list.source,
    items: [...list.items].map((item, x) => ({
      item: books.items[item]!,
      score: list.scores[x]!,
      parts: gave[x]!,
      because: pulls[x]!.map((one) => ({ ...one, item: books.items[one.item]! })),
    })),
  }
}

/** Only where there is a score to ask: the paper's relation says nothing of one item alone. */
function because(
  { positives, preference }: Learner,
  moment: Moment,
  items: Int32Array,
  gave: ReturnType<Learner['preference']['gave']>,
): Pull[][] {
  const isScored = gave.some((byPart) => Object.keys(byPart).length > 0)
  if (!isScored) return Array.from(items, () => [])
  const pulls = pulledUp(preference.scorer, moment, items, positives.items)
  return pulls.map((one) => one.filter(({ gave }) => gave >= gaveMin).slice(0, reasonsShown))
}
