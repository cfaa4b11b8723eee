// Why a user gets this list: what each part contributed to each item, and which items of the history raised its score.

import type { Moment } from '../../learn/part.ts'
import type { NameList } from '../../remember/name-list.ts'
import type { Explanation } from '../../requests.ts'
import type { Learner } from '../model/learner.ts'
import { type Attribution, attributeScores } from './attribution.ts'
import type { Lists } from './lists.ts'

const positivesShown = 100
const reasonsShown = 3
/** Smaller attributions are shown as nothing. */
const gaveMin = 0.005

/** By dense id. */
export interface NamesById {
  readonly users: Pick<NameList, 'name'>
  readonly items: Pick<NameList, 'name'>
}

export function explain(
  learner: Learner,
  lists: Pick<Lists, 'rank'>,
  names: NamesById,
  user: number,
  k: number,
  at?: number,
): Explanation {
  const { positives, preference } = learner
  const list = lists.rank(user, k, at)
  const { items: runItems, times, start, length } = positives.runs
  const owned = Array.from({ length: length[user] ?? 0 }, (_, place) => start[user]! + place)
  const moment = learner.momentOf(user, at ?? list.newestEvent)
  const contributions = preference.contributions(moment, list.items)
  const reasons = reasonsOf(learner, moment, list.items, contributions)
  return {
    user: names.users.name(user),
    positives: owned
      .reverse()
      .slice(0, positivesShown)
      .map((slot) => ({ item: names.items.name(runItems[slot]!), timestamp: times.at(slot) })),
    source: list.source,
    items: [...list.items].map((item, x) => ({
      item: names.items.name(item),
      score: list.scores[x]!,
      beatsNext: list.beatsNext[x]!,
      parts: contributions[x]!,
      because: reasons[x]!.map((reason) => ({ ...reason, item: names.items.name(reason.item) })),
    })),
  }
}

/** Only where items have scores: a relation of pairs says nothing of one item alone. */
function reasonsOf(
  { positives, preference }: Learner,
  moment: Moment,
  items: Int32Array,
  contributions: readonly Readonly<Record<string, number>>[],
): Attribution[][] {
  const isScored = contributions.some((byPart) => Object.keys(byPart).length > 0)
  if (!isScored) return Array.from(items, () => [])
  const attributions = attributeScores(preference.score, moment, items, positives.items)
  return attributions.map((ofItem) =>
    ofItem.filter(({ gave }) => gave >= gaveMin).slice(0, reasonsShown),
  )
}
