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
  const { positives, parts, fusion, neighbours } = learner
  const list = lists.rank(user, k, at)
  const { items: runItems, times, start, length } = positives.runs
  const owned = Array.from({ length: length[user] ?? 0 }, (_, place) => start[user]! + place)
  const moment = learner.momentOf(user, at ?? list.newestEvent)
  const scores = new Float32Array(list.items.length)
  fusion.score(moment, list.items, scores)
  const gave = parts.map((part, p) => {
    const values = new Float32Array(list.items.length)
    fusion.gave(moment, p, list.items.length, values)
    return [part.name, values] as const
  })
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
      parts: Object.fromEntries(gave.map(([name, values]) => [name, values[x]!])),
      because: owned
        .map((slot) => runItems[slot]!)
        .map((had) => ({ item: books.items[had]!, gave: neighbours.similarity(had, item) }))
        .filter(({ gave }) => gave > 0)
        .sort((a, b) => b.gave - a.gave)
        .slice(0, reasonsShown),
    })),
  }
}
