// A made-up list service: it knows the user u1 and the item i1, and remembers what it was asked.

import type { ApiSettings } from '../../../src/adapters/http/server.ts'
import type { ListService } from '../../../src/ports/list-service.ts'
import type { ServedList } from '../../../src/requests.ts'

export interface MadeUpLists extends ListService {
  readonly asked: unknown[]
  /** Answers wait for it. */
  until: () => Promise<void>
}

const list = (k: number): ServedList => ({
  source: 'PERSONAL',
  modelVersion: 42,
  items: Array.from({ length: k }, (_, x) => ({ item: `i${x}`, score: 1 / (1 + x) })),
})

export function createMadeUpLists(): MadeUpLists {
  const asked: unknown[] = []
  const made: MadeUpLists = {
    asked,
    until: async () => undefined,
    async forUser(user, k) {
      asked.push(['forUser', user, k])
      await made.until()
      return user === 'u1' || user === 'a/b ü' ? list(k) : undefined
    },
    async forHistory(history, k) {
      asked.push(['forHistory', history, k])
      return {
        ...list(k),
        unknown: history.map(({ item }) => item).filter((item) => item !== 'i1'),
      }
    },
    async similar(item, k) {
      asked.push(['similar', item, k])
      return item === 'i1' ? list(k) : undefined
    },
    async popular(k) {
      asked.push(['popular', k])
      return { ...list(k), source: 'POPULAR' }
    },
    async explain(user, k) {
      asked.push(['explain', user, k])
      if (user !== 'u1') return undefined
      const items = [
        {
          item: 'i2',
          score: 0.7,
          beatsNext: 0.6,
          parts: { trend: 0.3 },
          because: [{ item: 'i1', gave: 0.2 }],
        },
      ]
      return { user, positives: [{ item: 'i1', timestamp: 5 }], source: 'PERSONAL', items }
    },
  }
  return made
}

export function apiOf(lists: ListService): ApiSettings {
  return {
    ...{ lists, k: 10, kMax: 1_000, idBytesMax: 256, historyMax: 100, asksMax: 4 },
    bodyBytesMax: 8_192,
    took: () => undefined,
    refused: () => undefined,
  }
}
