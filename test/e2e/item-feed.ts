// A topic that says what is in stock, what was said in it, and what lists hold meanwhile.

import { makeAndAwait } from '../../src/adapters/kafka/topics.ts'
import { decodeList } from '../../src/publish/encode.ts'
import type { Scene } from './scene.ts'

export interface Seen {
  readonly user: string
  readonly items: readonly string[]
  /** When it was written, ms. */
  readonly at: number
}

/** What the feed says of an item: whether it is available, and until when in ms. */
export interface Word {
  readonly available: boolean
  readonly until?: number
}

export type Feed = Awaited<ReturnType<typeof openFeed>>

/** A feed of items, and since when each has been out of stock. */
export async function openFeed(
  scene: Scene,
  topic: string,
  encode: (item: string, word: Word) => Buffer = (_, word) => Buffer.from(JSON.stringify(word)),
) {
  const compact = [{ name: 'cleanup.policy', value: 'compact' }]
  const { admin } = scene.kafka
  await makeAndAwait(admin, [{ topic, numPartitions: 2, configEntries: compact }])
  const outSince = new Map<string, number>()
  const stays: { item: string; from: number; to: number }[] = []
  return {
    topic,
    outSince,
    /** All the times for which items were out of stock. */
    stays: () => [
      ...stays,
      ...[...outSince].map(([item, from]) => ({ item, from, to: Number.POSITIVE_INFINITY })),
    ],
    async say(item: string, word: Word | null): Promise<void> {
      await scene.kafka.send(topic, [{ key: item, value: word && encode(item, word) }])
      const isOut = word === null || !word.available
      if (isOut) outSince.set(item, Date.now())
      else if (outSince.has(item)) {
        stays.push({ item, from: outSince.get(item)!, to: Date.now() })
        outSince.delete(item)
      }
    },
  }
}

export async function listsOf(scene: Scene): Promise<Seen[]> {
  const records = await scene.kafka.read(scene.lists)
  return records.flatMap(({ key, value, timestamp }) => {
    if (value === null) return []
    const items = decodeList(value).items.map(({ item }) => item)
    return [{ user: key!.toString(), items, at: Number(timestamp) }]
  })
}

export async function newestOf(scene: Scene): Promise<Seen[]> {
  return [...new Map((await listsOf(scene)).map((list) => [list.user, list])).values()]
}

/** The item that most of the newest lists hold. */
export async function favouriteOf(scene: Scene): Promise<string> {
  const counts = new Map<string, number>()
  for (const { items } of await newestOf(scene)) {
    for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  }
  return [...counts].reduce((one, other) => (other[1] > one[1] ? other : one))[0]
}
