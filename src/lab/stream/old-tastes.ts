// Old tastes: of every user with ten or more events in the first 30 % of a stream, one of those events, drawn at
// random, is never learned. At 30 % it is ranked among 100 items that the user never takes, with the history of that
// moment, and at the end of the stream again, with the same history. The difference is what the parameters forgot; the
// level is how well a model knows a taste that is not the latest one.

import type { Moment, ScoreItems } from '../../learn/part.ts'
import { addRank, midRank, newQuality, type Quality, qualityOf } from '../../measure/metrics.ts'
import { copyMoment } from '../../measure/probes.ts'
import type { Random } from '../../sample/random.ts'
import { fullAdd } from '../../strength.ts'
import type { Arrivals } from './arrivals.ts'

const earlyShare = 0.3
const eventsMin = 10
const sampledNegatives = 100
const drawsMax = 20_000

export interface OldTastes {
  /** The first event after the early part: the moment to call begin(). */
  readonly begins: number
  /** Whether this event of the stream is never to be learned. */
  withholds(place: number): boolean
  /** Copies the users as they are now, and draws what to rank among from items 0 … known-1. */
  begin(momentOf: (user: number, time: number) => Moment, known: number): void
  readonly probes: number
  rank(score: ScoreItems): Quality
}

interface Probe {
  readonly moment: Moment
  /** The withheld item first. */
  readonly items: Int32Array
}

export function createOldTastes(arrivals: Arrivals, random: Random): OldTastes {
  const { users, items, times, count } = arrivals
  const begins = Math.floor(earlyShare * count)
  const withheld = new Set(chooseWithheld(arrivals, begins, random))
  const probes: Probe[] = []

  function itemsOf(place: number, taken: ReadonlySet<number>, known: number): Int32Array {
    const drawn = new Set<number>()
    for (let tries = 0; tries < drawsMax && drawn.size < sampledNegatives; tries++) {
      const j = random.below(known)
      if (!taken.has(j)) drawn.add(j)
    }
    return Int32Array.of(items[place]!, ...drawn)
  }

  return {
    begins,
    withholds: (place) => withheld.has(place),
    begin(momentOf, known) {
      const taken = new Map<number, Set<number>>()
      for (const place of withheld) taken.set(users[place]!, new Set())
      for (let k = 0; k < count; k++) taken.get(users[k]!)?.add(items[k]!)
      for (const place of withheld) {
        const user = users[place]!
        const among = itemsOf(place, taken.get(user)!, known)
        if (among.length <= sampledNegatives || items[place]! >= known) continue
        probes.push({ moment: copyMoment(momentOf(user, times[begins]!)), items: among })
      }
    },
    get probes() {
      return probes.length
    },
    rank(score) {
      const sums = newQuality()
      const scores = new Float32Array(1 + sampledNegatives)
      for (const { moment, items } of probes) {
        score(moment, items, scores)
        addRank(sums, midRank(scores))
      }
      const { hr10, ndcg10 } = qualityOf(sums)
      return { hr10, ndcg10 }
    },
  }
}

/** One event of each user with enough early events, drawn uniformly from those that tell all of what they are about. */
function chooseWithheld(arrivals: Arrivals, begins: number, random: Random): number[] {
  const { users } = arrivals
  const early = new Map<number, { events: number; chosen: number }>()
  const isWhole = wholeEvents(arrivals)
  for (let place = 0; place < begins; place++) {
    if (!isWhole(place)) continue
    const seen = early.get(users[place]!) ?? { events: 0, chosen: place }
    if (random.below(++seen.events) === 0) seen.chosen = place
    early.set(users[place]!, seen)
  }
  return [...early.values()]
    .filter(({ events }) => events >= eventsMin)
    .map(({ chosen }) => chosen)
    .sort((a, b) => a - b)
}

/** Whether an event is full and measured, and the only one of its user and item. */
function wholeEvents({ users, items, codes, count }: Arrivals): (place: number) => boolean {
  if (codes === undefined) return () => true
  const pairOf = (place: number): string => `${users[place]} ${items[place]}`
  const events = new Map<string, number>()
  for (let k = 0; k < count; k++) events.set(pairOf(k), (events.get(pairOf(k)) ?? 0) + 1)
  return (place) => codes[place] === fullAdd && events.get(pairOf(place)) === 1
}
