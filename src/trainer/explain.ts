// Why a user gets this list: what each part gave to each item, and which items of the history pulled it up.

import type { Explanation } from '../messages.ts'
import type { Learner } from './learner.ts'
import type { Lists } from './lists.ts'
import type { Books } from './state.ts'

const positivesShown = 100
const reasonsShown = 3

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
      because: because(learner, owned, item).map((one) => ({
        ...one,
        item: books.items[one.item]!,
      })),
    })),
  }
}

/** Only what the neighbours part knows of; a model without it has no such reasons. */
function because({ positives, parts, neighbours }: Learner, owned: number[], item: number) {
  if (!parts.includes(neighbours)) return []
  return owned
    .map((slot) => positives.runs.items[slot]!)
    .map((had) => ({ item: had, gave: neighbours.similarity(had, item) }))
    .filter(({ gave }) => gave > 0)
    .sort((a, b) => b.gave - a.gave)
    .slice(0, reasonsShown)
}
