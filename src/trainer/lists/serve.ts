// Lists for those who ask, while the lists of users with new events go out by themselves: of a user, of any history,
// and of what is popular.

import type { NameList } from '../../remember/name-list.ts'
import type { AskedHistory, Question, ServedList } from '../../requests.ts'
import { createUserBatch } from '../../sample/draws.ts'
import type { Learner } from '../model/learner.ts'
import { historyMax } from '../model/plan.ts'
import type { Lists } from './lists.ts'
import { createRecommender, type ListableItems } from './recommender.ts'

/** Of no user: a network with a row for each user has nothing to say. */
const noRow = -1

export interface ServeNeeds {
  readonly learner: Learner
  readonly lists: Pick<Lists, 'rank' | 'isCurrent' | 'version'>
  /** Names by dense id. */
  readonly items: Pick<NameList, 'name'>
  /** Absent: every item may be listed. */
  readonly feed?: ListableItems | undefined
  /** The dense id of a user that the learner has met. */
  readonly userOf: (name: string) => number | undefined
}

type ListQuestion = Extract<Question, { kind: 'list' | 'rank' | 'popular' }>

export function createServing(
  needs: ServeNeeds,
): (question: ListQuestion) => ServedList | undefined {
  const { learner, lists, items: names, userOf } = needs
  const recommender = createRecommender(learner, needs.feed)
  const users = createUserBatch(1, historyMax)

  function served(
    list: Pick<ReturnType<Lists['rank']>, 'items' | 'scores' | 'source'>,
  ): ServedList {
    const { items, scores, source } = list
    return {
      source,
      modelVersion: lists.version,
      items: Array.from(items, (item, x) => ({ item: names.name(item), score: scores[x]! })),
    }
  }

  /** Where all that is learned are rows of users, a history without a user's row says nothing. */
  const needsRow =
    learner.parts.length === learner.networks.length &&
    learner.networks.every(({ network }) => network.spec.users === 'rows')

  function rank(history: AskedHistory, k: number): ServedList {
    const known = learner.positives.items
    // A name is known as soon as its batch is taken, the item only once that is worked on.
    const kept = history.items.map((_, place) => place).filter((x) => history.items[x]! < known)
    const user = history.user === undefined ? noRow : (userOf(history.user) ?? noRow)
    if (kept.length === 0 || (needsRow && user === noRow)) return served(recommender.popular(k))
    const newest = kept.slice(-historyMax).reverse()
    newest.forEach((place, l) => {
      users.historyItems[l] = history.items[place]!
      users.historyAges[l] = (history.at - history.times[place]!) / 1000
    })
    users.count = 1
    users.userRows[0] = user
    users.historyStart[1] = newest.length
    users.historyLength[0] = kept.length
    const shown = new Set(history.listable)
    const all = kept.map((place) => history.items[place]!)
    const own = Int32Array.from(all.filter((item) => !shown.has(item))).sort()
    return served(recommender.toHistory({ user, time: history.at, users }, own, k))
  }

  return (question) => {
    if (question.kind === 'popular') return served(recommender.popular(question.k))
    if (question.kind === 'rank') return rank(question.history, question.k)
    const user = userOf(question.user)
    if (user === undefined || !lists.isCurrent(user)) return undefined
    return served(lists.rank(user, question.k, question.at))
  }
}
