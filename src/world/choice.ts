// How a person of the synthetic world chooses the next item, and with what chance each one comes.
// Both use the same weights: take() draws from the very chances that chances() returns.

import type { Random } from '../sample/random.ts'
import type { Catalogue } from './catalogue.ts'
import type { WorldOptions } from './options.ts'
import type { People } from './people.ts'

export interface Choice {
  /** Draws the person's next item and applies what follows from it; -1 when nothing is left. */
  take(user: number, nowDays: number, staying: boolean, random: Random): number
  /** P(next = i) for every item, given the chance that the visit goes on; valid until the next call. */
  chances(user: number, nowDays: number, staying: number): Float64Array
}

export function createChoice(options: WorldOptions, catalogue: Catalogue, people: People): Choice {
  const { items, topics, dimensions } = options
  const weigher = createWeigher(options, catalogue, people)
  const { topicWeights, weights, weighTopics, weighItems } = weigher
  const chances = new Float64Array(items)

  function beginVisit(user: number, nowDays: number, random: Random): number {
    people.memory.fill(0, user * dimensions, (user + 1) * dimensions)
    const sum = weighTopics(user, nowDays)
    return sum === 0 ? -1 : draw(topicWeights, topics, random.unit() * sum)
  }

  /** Adds `mass` to the chances of the topic's items, by their weights. */
  function spread(user: number, z: number, now: number, remembers: boolean, mass: number): void {
    const sum = weighItems(user, z, now, remembers)
    const members = catalogue.byTopic[z]!
    for (let x = 0; x < catalogue.bornIn(z, now); x++) {
      chances[members[x]!]! += (mass * weights[x]!) / sum
    }
  }

  return {
    take(user, nowDays, staying, random) {
      const present = people.topic[user]!
      const stays = staying && present >= 0 && weigher.isOpen(user, present, nowDays)
      const topic = stays ? present : beginVisit(user, nowDays, random)
      if (topic < 0) return -1
      const sum = weighItems(user, topic, nowDays, true)
      const born = catalogue.bornIn(topic, nowDays)
      const item = catalogue.byTopic[topic]![draw(weights, born, random.unit() * sum)]!
      if (!stays) people.drift(user, random)
      people.topic[user] = topic
      people.latest[user] = item
      people.close(user, item, topic)
      for (let k = 0; k < dimensions; k++) {
        const at = user * dimensions + k
        people.memory[at] = (people.memory[at]! + catalogue.places[item * dimensions + k]!) / 2
      }
      return item
    },
    chances(user, nowDays, staying) {
      chances.fill(0)
      const present = people.topic[user]!
      const stays = present >= 0 && weigher.isOpen(user, present, nowDays) ? staying : 0
      if (stays > 0) spread(user, present, nowDays, true, stays)
      const sum = weighTopics(user, nowDays)
      for (let z = 0; z < topics; z++) {
        if (topicWeights[z]! === 0) continue
        spread(user, z, nowDays, false, ((1 - stays) * topicWeights[z]!) / sum)
      }
      return chances
    },
  }
}

/** What draws a person to each topic, and to each item of a topic. */
export function createWeigher(options: WorldOptions, catalogue: Catalogue, people: People) {
  const { items, topics, dimensions } = options
  const topicWeights = new Float64Array(topics)
  const weights = new Float64Array(items)

  function isOpen(user: number, topic: number, nowDays: number): boolean {
    return people.closedIn[user * topics + topic]! < catalogue.bornIn(topic, nowDays)
  }

  /** Fills topicWeights with π (not normalised) over the topics with something left; returns the sum. */
  function weighTopics(user: number, nowDays: number): number {
    let sum = 0
    for (let z = 0; z < topics; z++) {
      const interest = options.focus * people.interests[user * topics + z]!
      const open = isOpen(user, z, nowDays)
      topicWeights[z] = open ? Math.exp(interest + catalogue.waveOf(z, nowDays)) : 0
      sum += topicWeights[z]!
    }
    return sum
  }

  /** Fills weights[0 … born) for the topic's items in order of birth; returns the sum. */
  function weighItems(user: number, topic: number, nowDays: number, remembers: boolean): number {
    const members = catalogue.byTopic[topic]!
    const born = catalogue.bornIn(topic, nowDays)
    let sum = 0
    for (let x = 0; x < born; x++) {
      const i = members[x]!
      weights[x] = 0
      if (people.isClosed(user, i)) continue
      let liking = 0
      for (let k = 0; k < dimensions; k++) {
        const pull = options.taste * people.tastes[user * dimensions + k]!
        const near = remembers ? options.closeness * people.memory[user * dimensions + k]! : 0
        liking += (pull + near) * catalogue.places[i * dimensions + k]!
      }
      weights[x] = catalogue.appeal(i, nowDays) * Math.exp(liking)
      sum += weights[x]!
    }
    return sum
  }

  return { topicWeights, weights, isOpen, weighTopics, weighItems }
}

/** The index where the running sum of the weights passes `target`; never one of weight 0. */
export function draw(weights: Float64Array, count: number, target: number): number {
  let sum = 0
  let last = -1
  for (let x = 0; x < count; x++) {
    if (weights[x]! === 0) continue
    sum += weights[x]!
    last = x
    if (target < sum) return x
  }
  return last
}
