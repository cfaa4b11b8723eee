// A learner of a real stream whose rows are tiled with noise up to a larger catalogue, since rows of noise alone order
// items as no model does.

import { addAction } from '../../../src/messages.ts'
import { createRandom } from '../../../src/sample/random.ts'
import type { Core } from '../../../src/trainer/loop/core.ts'
import type { Learner } from '../../../src/trainer/model/learner.ts'
import type { StreamEvent } from '../stream-events.ts'

/** Newest users of the stream, whose lists are made. */
const readersMax = 200
/** Standard deviation of the noise, in those of the row's own numbers. */
const noise = 0.3
/** How many tiled items each of their holders has. */
const heldEach = 100

export interface TiledWorld {
  readonly learner: Learner
  readonly events: readonly StreamEvent[]
  /** Items of the stream. */
  readonly base: number
  readonly readers: readonly number[]
  readonly now: number
}

/** Learns the events whose items are below `size`. */
export function learnStream(
  learner: Learner,
  all: readonly StreamEvent[],
  size: number,
): TiledWorld {
  const events = all.filter(({ item }) => item < size)
  for (const { user, item, time } of events) learner.apply(user, item, time, addAction, 1)
  const newest = [...new Set(events.map(({ user }) => user).reverse())].slice(0, readersMax)
  const now = events.at(-1)?.time ?? 0
  return { learner, events, base: learner.positives.items, readers: newest, now }
}

/** Items up to `size`: held by users of their own, with rows like those of the stream. */
export function tile({ learner, base, now }: TiledWorld, size: number): void {
  const random = createRandom(7)
  const first = learner.positives.items
  const users = learner.positives.users
  for (let item = first; item < size; item++) {
    learner.remember(users + Math.floor((item - first) / heldEach), item, now, addAction)
  }
  for (const { network } of learner.networks) {
    for (const [name, { shape, data }] of network.tensors()) {
      if (!/\/(nbpr\.item|dncr\.item|item\.bias)$/.test(name)) continue
      const columns = shape[1]!
      for (let item = first; item < size; item++) {
        const from = random.below(base) * columns
        let square = 0
        for (let c = 0; c < columns; c++) square += data[from + c]! ** 2
        const deviation = noise * Math.sqrt(square / columns)
        for (let c = 0; c < columns; c++) {
          data[item * columns + c] = data[from + c]! + deviation * normal(random.unit)
        }
      }
    }
  }
}

/** Names for all that the learner has met without a batch: `user-0` … and `item-0` …, by their ids. */
export function nameAll({ learner: { positives }, input, nameItems }: Core): void {
  for (let user = 0; user < positives.users; user++) input.users.push(`user-${user}`)
  for (let item = 0; item < positives.items; item++) nameItems([`item-${item}`])
}

/** Good enough for noise: the sum of four uniform numbers. */
function normal(unit: () => number): number {
  return Math.sqrt(3) * (unit() + unit() + unit() + unit() - 2)
}
