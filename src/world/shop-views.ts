// Which item a person of the made-up shop looks at next, or buys at the till.

import type { Random } from '../sample/random.ts'
import type { Catalogue } from './catalogue.ts'
import { createWeigher, draw } from './choice.ts'
import type { ShopOptions } from './options.ts'
import type { People } from './people.ts'

export function createViews(
  options: ShopOptions,
  catalogue: Catalogue,
  people: People,
  inStock: (item: number) => boolean,
  random: Random,
) {
  const { dimensions, topics } = options
  const sharp = { ...options, taste: options.sharpness * options.taste, closeness: 0 }
  const atTill = createWeigher(sharp, catalogue, people)
  const looking = createWeigher(options, catalogue, people)

  function topicOf(user: number, at: number, stays: boolean): number {
    const present = people.topic[user]!
    if (stays && present >= 0) return present
    people.memory.fill(0, user * dimensions, (user + 1) * dimensions)
    people.drift(user, random)
    const sum = looking.weighTopics(user, at)
    return sum === 0 ? -1 : draw(looking.topicWeights, topics, random.unit() * sum)
  }

  return {
    liking(user: number, item: number): number {
      let sum = 0
      for (let k = 0; k < dimensions; k++) {
        sum += people.tastes[user * dimensions + k]! * catalogue.places[item * dimensions + k]!
      }
      return sum
    },
    /** `buys`: at the till. -1: nothing of the topic is left. */
    next(user: number, at: number, stays: boolean, buys: boolean): number {
      const topic = topicOf(user, at, stays)
      if (topic < 0) return -1
      const [members, born] = [catalogue.byTopic[topic]!, catalogue.bornIn(topic, at)]
      const { weights, weighItems } = buys ? atTill : looking
      const wanders = !buys && random.unit() < options.wander
      if (!wanders) weighItems(user, topic, at, true)
      let sum = 0
      for (let x = 0; x < born; x++) {
        if (wanders) weights[x] = catalogue.appeal(members[x]!, at)
        if (!inStock(members[x]!)) weights[x] = 0
        sum += weights[x]!
      }
      if (sum === 0) return -1
      const item = members[draw(weights, born, random.unit() * sum)]!
      people.topic[user] = topic
      for (let k = 0; k < dimensions; k++) {
        const spot = user * dimensions + k
        people.memory[spot] = (people.memory[spot]! + catalogue.places[item * dimensions + k]!) / 2
      }
      return item
    },
  }
}
