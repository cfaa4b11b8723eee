// The people of the synthetic world: interests, tastes, the visit they are in, what they have.

import type { Random } from '../sample/random.ts'
import type { WorldOptions } from './options.ts'

export interface People {
  readonly arrivalDays: Float64Array
  /** Mean days between two visits. */
  readonly visitEveryDays: Float64Array
  /** Time of the latest event; before the first one the arrival. */
  readonly lastDays: Float64Array
  /** Topic of the present visit, -1 before the first. */
  readonly topic: Int32Array
  /** Item taken last, -1 for none or when it was undone. */
  readonly latest: Int32Array
  /** users × topics. */
  readonly interests: Float64Array
  /** users × dimensions. */
  readonly tastes: Float64Array
  /** users × dimensions: m, the mean place of the newest items of the visit. */
  readonly memory: Float64Array
  /** users × topics: how many items of a topic are closed to the person (taken or undone). */
  readonly closedIn: Uint16Array
  isClosed(user: number, item: number): boolean
  close(user: number, item: number, topic: number): void
  /** One step of drift. */
  drift(user: number, random: Random): void
}

export function createPeople(options: WorldOptions, random: Random): People {
  const { users, topics, dimensions, days } = options
  const arrivalDays = Float64Array.from({ length: users }, (_, u) =>
    u === 0 ? 0 : random.unit() * days * options.arriveWithin,
  )
  const closed = new Uint8Array(Math.ceil((users * options.items) / 8))
  const closedIn = new Uint16Array(users * topics)
  const interests = Float64Array.from({ length: users * topics }, () => random.normal())
  const tastes = Float64Array.from({ length: users * dimensions }, () => random.normal())
  const keep = Math.sqrt(1 - options.drift ** 2)
  return {
    arrivalDays,
    visitEveryDays: visitRates(options, arrivalDays, random),
    lastDays: arrivalDays.slice(),
    topic: new Int32Array(users).fill(-1),
    latest: new Int32Array(users).fill(-1),
    interests,
    tastes,
    memory: new Float64Array(users * dimensions),
    closedIn,
    isClosed(user, item) {
      const bit = user * options.items + item
      return (closed[bit >>> 3]! & (1 << (bit & 7))) !== 0
    },
    close(user, item, topic) {
      const bit = user * options.items + item
      closed[bit >>> 3]! |= 1 << (bit & 7)
      closedIn[user * topics + topic]!++
    },
    drift(user, of) {
      for (let z = user * topics; z < (user + 1) * topics; z++) {
        interests[z] = keep * interests[z]! + options.drift * of.normal()
      }
      for (let x = user * dimensions; x < (user + 1) * dimensions; x++) {
        tastes[x] = keep * tastes[x]! + options.drift * of.normal()
      }
    },
  }
}

/**
 * Log-normal rates (some people come ten times as often), scaled so that the days bring the wanted number of events.
 */
function visitRates(options: WorldOptions, arrivals: Float64Array, random: Random): Float64Array {
  const rates = Float64Array.from(arrivals, () => Math.exp(0.8 * random.normal()))
  let visits = 0
  for (let u = 0; u < rates.length; u++) visits += rates[u]! * (options.days - arrivals[u]!)
  const wanted = options.events * (1 - options.stay)
  return rates.map((rate) => visits / wanted / rate)
}
