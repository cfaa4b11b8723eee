// The items of the synthetic world: topic, place, lasting appeal, birth; and the waves of the topics.

import type { Random } from '../sample/random.ts'
import { shuffled } from '../sample/random.ts'
import type { WorldOptions } from './options.ts'

export interface Catalogue {
  /** Items of each topic, in order of birth. */
  readonly byTopic: readonly Int32Array[]
  /** items × dimensions. */
  readonly places: Float64Array
  readonly topicOf: Int32Array
  readonly birthDays: Float64Array
  /** a_i(t) without the test of birth. */
  appeal(item: number, nowDays: number): number
  /** The topic's share of everybody's attention, as a logarithm. */
  waveOf(topic: number, nowDays: number): number
  /** How many of the topic's items are born: the first ones of byTopic. */
  bornIn(topic: number, nowDays: number): number
}

export function createCatalogue(options: WorldOptions, random: Random): Catalogue {
  const { items, topics, dimensions } = options
  const topicOf = Int32Array.from({ length: items }, () => random.below(topics))
  const places = Float64Array.from(
    { length: items * dimensions },
    () => random.normal() / Math.sqrt(dimensions),
  )
  const ranks = shuffled(items, random)
  const lasting = Float64Array.from(ranks, (rank) => (rank + 1) ** -options.popularitySkew)
  const birthDays = Float64Array.from({ length: items }, () =>
    random.unit() < options.bornLater ? random.unit() * options.days : -random.unit() * 365,
  )
  const periods = Float64Array.from({ length: topics }, () => options.days * (0.3 + random.unit()))
  const phases = Float64Array.from({ length: topics }, () => 2 * Math.PI * random.unit())
  const byTopic = Array.from({ length: topics }, (_, topic) =>
    Int32Array.from(
      [...topicOf.keys()]
        .filter((i) => topicOf[i] === topic)
        .sort((one, other) => birthDays[one]! - birthDays[other]! || one - other),
    ),
  )
  /** Of the moment that was asked for last, item by item. */
  const appeals = new Float64Array(items)
  const appealDays = new Float64Array(items).fill(Number.NaN)
  return {
    byTopic,
    places,
    topicOf,
    birthDays,
    appeal(item, nowDays) {
      // The truth of a thousand users is asked for at one moment.
      if (appealDays[item] !== nowDays) {
        const age = nowDays - birthDays[item]!
        appeals[item] = lasting[item]! * (1 + options.novelty * 2 ** (-age / options.noveltyDays))
        appealDays[item] = nowDays
      }
      return appeals[item]!
    },
    waveOf: (topic, nowDays) =>
      options.wave * Math.sin((2 * Math.PI * nowDays) / periods[topic]! + phases[topic]!),
    bornIn(topic, nowDays) {
      const members = byTopic[topic]!
      let low = 0
      let high = members.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (birthDays[members[middle]!]! <= nowDays) low = middle + 1
        else high = middle
      }
      return low
    },
  }
}
