// The item feed on the trainer's side: what it says and the time by which it is obeyed.

import type { Config } from '../../config.ts'
import { type Availability, createAvailability } from '../../remember/availability/availability.ts'
import type { ItemsTold } from '../../requests.ts'
import type { ListableItems } from '../lists/recommender.ts'

export interface FeedOptions {
  readonly config: Pick<Config, 'items' | 'unnamedItems' | 'itemStatesMax'>
  /** Since the epoch; absent: the newest event time. */
  readonly wallMs?: (() => number) | undefined
  /** What an earlier core knows of the feed. */
  readonly availability?: Availability | undefined
}

/** undefined: whatever is known may be listed. */
export function openFeed(
  { config, availability, wallMs }: FeedOptions,
  streamTime: () => number,
): ListableItems | undefined {
  if (config.items === '') return undefined
  const { unnamedItems: unnamed, itemStatesMax: statesMax } = config
  return {
    availability: availability ?? createAvailability({ unnamed, statesMax }),
    nowMs: wallMs ?? streamTime,
  }
}

/** Returns on how many items the word could not be kept. */
export function takeItems(
  feed: ListableItems | undefined,
  { states, isComplete = false }: ItemsTold,
): number {
  if (feed === undefined) return 0
  if (isComplete) feed.availability.complete()
  return feed.availability.apply(states, feed.nowMs())
}
