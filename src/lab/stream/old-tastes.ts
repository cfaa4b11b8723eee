// Old tastes: of every user with ten or more events in the first 30 % of a stream one of those events, drawn at random,
// is never learned. At 30 % it is ranked among 100 items that the user never takes, with the history of then; at the
// end again, with the same history. The difference is what the parameters forgot; the level is how well a model
// knows a taste that is not the latest.

import type { Moment, ScoreItems } from '../../learn/part.ts'
import { keepMoment } from '../../measure/forgetting.ts'
import { addRank, midRank, newQuality, qualityOf } from '../../measure/metrics.ts'
import type { Random } from '../../sample/random.ts'
import type { Arrivals } from './arrivals.ts'

const earlyShare = 0.3
const eventsMin = 10
const opponents = 100
const drawsMax = 20_000

export interface OldTastes {
  /** The first event after the early part: the moment to call begin(). */
  readonly begins: number
  /** Whether this event of the stream is to be withheld. */
  holds(place: number): boolean
  /** Takes the moments of the users as they are now, and draws what to rank among from items 0 … known-1. */
  begin(momentOf: (user: number, time: number) => Moment, known: number): void
  readonly probes: number
  rank(scorerAt: (moment: Moment) => ScoreItems): { readonly hr10: number; readonly ndcg10: number }
}

interface Probe {
  readonly moment: Moment
  /** The withheld item first. */
  readonly items: Int32Array
}

export function createOldTastes(arrivals: Arrivals, random: Random): OldTastes {
  const { users, items, times, count } = arrivals
  const begins = Math.floor(earlyShare * count)
  const held = new Set(chooseHeld(arrivals, begins, random))
  const probes: Probe[] = []

  function itemsOf(place: number, taken: ReadonlySet<number>, known: number): Int32Array {
    const drawn = new Set<number>()
    for (let tries = 0; tries < drawsMax && drawn.size < opponents; tries++) {
      const j = random.below(known)
      if (!taken.has(j)) drawn.add(j)
    }
    return Int32Array.of(items[place]!, ...drawn)
  }

  return {
    begins,
    holds: (place) => held.has(place),
    begin(momentOf, known) {
      const taken = new Map<number, Set<number>>()
      for (const place of held) taken.set(users[place]!, new Set())
      for (let k = 0; k < count; k++) taken.get(users[k]!)?.add(items[k]!)
      for (const place of held) {
        const user = users[place]!
        const among = itemsOf(place, taken.get(user)!, known)
        if (among.length <= opponents || items[place]! >= known) continue
        probes.push({ moment: keepMoment(momentOf(user, times[begins]!)), items: among })
      }
    },
    get probes() {
      return probes.length
    },
    rank(scorerAt) {
      const sums = newQuality()
      const scores = new Float32Array(1 + opponents)
      for (const { moment, items } of probes) {
        scorerAt(moment)(items, scores)
        addRank(sums, midRank(scores))
      }
      const { hr, ndcg } = qualityOf(sums)
      return { hr10: hr, ndcg10: ndcg }
    },
  }
}

/** For each user with enough early events one of them, uniformly. */
function chooseHeld({ users }: Arrivals, begins: number, random: Random): number[] {
  const early = new Map<number, { events: number; chosen: number }>()
  for (let place = 0; place < begins; place++) {
    const seen = early.get(users[place]!) ?? { events: 0, chosen: place }
    if (random.below(++seen.events) === 0) seen.chosen = place
    early.set(users[place]!, seen)
  }
  return [...early.values()]
    .filter(({ events }) => events >= eventsMin)
    .map(({ chosen }) => chosen)
    .sort((a, b) => a - b)
}
