// The model and its opponents on the whole catalogue: every twentieth event of the last 30 % of a stream is ranked,
// before it is learned, among all items that anybody has had and that could be in a list of the user. Items that nobody
// has had are not asked for, as in the measure among 100 others. Where lists are made in two stages, it also says how
// many of the ten best by the whole score are in the list.

import type { Moment, ScoreItems } from '../../learn/part.ts'
import { addRank, midRank, newQuality, type Quality, qualityOf } from '../../measure/metrics.ts'
import { fullAdd, unmeasured } from '../../strength.ts'
import type { Learner } from '../../trainer/model/learner.ts'
import type { Arrivals } from './arrivals.ts'

const lateShare = 0.7
const everyEvents = 20
const listLength = 10

export interface WholeCatalogueResult {
  /** Events that were ranked. */
  readonly events: number
  /** By ranker. */
  readonly quality: Readonly<Record<string, Quality>>
  /** Of the ten items with the best scores, the share that a list of ten has; null where lists are exact. */
  readonly listRecall: number | null
}

export interface WholeCatalogue {
  /** To be called before an event is learned, with those that are withheld left out. */
  rank(place: number): void
  result(): WholeCatalogueResult
}

/** `rankers`: by name, each scores any items. */
export function createWholeCatalogue(
  { users, items, times, codes, count }: Arrivals,
  { positives, prequential, preference, momentOf, grow }: Learner,
  rankers: Readonly<Record<string, ScoreItems>>,
): WholeCatalogue {
  const sums = Object.entries(rankers).map(([name, score]) => ({ name, score, sum: newQuality() }))
  let met = 0
  let ranked = 0
  let found = 0
  const inStages = preference.live !== undefined

  /** The item, and behind it all that it is ranked among. */
  function among(user: number, item: number): Int32Array {
    const found = [item]
    for (let other = 0; other < positives.items; other++) {
      if (other === item || prequential.popularity(other) === 0) continue
      if (!positives.excludes(user, other)) found.push(other)
    }
    return Int32Array.from(found)
  }

  /** Of the best by score how many are in the list. */
  function countListed(moment: Moment, all: Int32Array): number {
    const scores = new Float32Array(all.length)
    preference.score(moment, all, scores)
    const least = scores.toSorted()[Math.max(0, scores.length - listLength)]!
    const scoreOf = new Map(Array.from(all, (item, x) => [item, scores[x]!] as const))
    const isOther = (item: number): boolean => !scoreOf.has(item)
    const { items: listed } = preference.best(moment, positives.items, listLength, isOther)
    return listed.filter((item) => scoreOf.get(item)! >= least).length / listed.length
  }

  return {
    rank(place) {
      if (place < lateShare * count) return
      const [user, item, time] = [users[place]!, items[place]!, times[place]!]
      const code = codes?.[place] ?? fullAdd
      if (code >= unmeasured || positives.gain(user, item, time, code) === 0) return
      if (positives.excludes(user, item) || prequential.popularity(item) === 0) return
      if (met++ % everyEvents !== 0) return
      ranked++
      positives.see(user, -1)
      grow(positives.users, positives.items)
      const moment = momentOf(user, time)
      const all = among(user, item)
      const scores = new Float32Array(all.length)
      for (const { score, sum } of sums) {
        score(moment, all, scores)
        addRank(sum, midRank(scores))
      }
      if (inStages) found += countListed(moment, all)
    },
    result: () => ({
      events: ranked,
      listRecall: inStages && ranked > 0 ? found / ranked : null,
      quality: Object.fromEntries(
        sums.map(({ name, sum }) => {
          const { hr10, ndcg10 } = qualityOf(sum)
          return [name, { hr10, ndcg10 }] as const
        }),
      ),
    }),
  }
}
