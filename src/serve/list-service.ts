// A user is their history: every question about lists is put to the trainer as a history. Of a user whose events this
// worker reads the trainer has it; of any other user it comes from the store.

import type { HistoryEntry, ListService } from '../ports/list-service.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Ids } from '../remember/ids.ts'
import type { AskedHistory, ServedList } from '../requests.ts'
import { ownedItems } from '../strength.ts'
import type { UserState } from '../types.ts'

export interface ServiceParts {
  readonly trainer: Pick<Trainer, 'ask'>
  readonly store: Pick<PositiveStore, 'read'>
  readonly items: Pick<Ids, 'find'>
}

export function createListService({ trainer, store, items }: ServiceParts): ListService {
  async function fromStore(user: string, k: number): Promise<ServedList | undefined> {
    const [state] = await store.read([user])
    const owned = state === undefined ? [] : ownedItems(state)
    if (owned.length === 0) return undefined
    // A removal is an event of the user, too, though none of the history.
    const given = owned.map(({ item, time }) => ({ item, timestamp: time }))
    const { history } = historyOf(given, items, newestOf(state!.removed))
    const listable = owned.flatMap((one) => (one.listable ? (items.find(one.item) ?? []) : []))
    return trainer.ask({ kind: 'rank', history: { ...history, user, listable }, k })
  }

  return {
    async forUser(user, k) {
      return (await trainer.ask({ kind: 'list', user, k })) ?? fromStore(user, k)
    },
    async forHistory(given, k) {
      const { history, unknown } = historyOf(given, items)
      return { ...(await trainer.ask({ kind: 'rank', history, k })), unknown }
    },
    async similar(item, k) {
      const { history, unknown } = historyOf([{ item }], items)
      return unknown.length > 0 ? undefined : trainer.ask({ kind: 'rank', history, k })
    },
    popular: (k) => trainer.ask({ kind: 'popular', k }),
    explain: (user, k) => trainer.ask({ kind: 'explain', user, k }),
  }
}

function newestOf(removed: UserState['removed']): number {
  return removed.reduce((newest, [, time]) => Math.max(newest, time), 0)
}

/**
 * In order of time; of an item that comes twice only the newest. Entries without a time come last, in the order they
 * are given, as of the newest time of the others. The list is for that moment, but no earlier than
 * `since`.
 */
function historyOf(given: readonly HistoryEntry[], items: ServiceParts['items'], since = 0) {
  const at = given.reduce((newest, { timestamp = 0 }) => Math.max(newest, timestamp), since)
  const dated = given.map(({ item, timestamp }) => ({ item, time: timestamp ?? at }))
  const isUndated = (x: number) => (given[x]!.timestamp === undefined ? 1 : 0)
  const order = dated
    .map((_, x) => x)
    .sort((a, b) => dated[a]!.time - dated[b]!.time || isUndated(a) - isUndated(b) || a - b)
  const newest = new Map<string, number>()
  for (const x of order) {
    newest.delete(dated[x]!.item)
    newest.set(dated[x]!.item, dated[x]!.time)
  }
  const history: AskedHistory & { items: number[]; times: number[] } = { items: [], times: [], at }
  const unknown: string[] = []
  for (const [item, time] of newest) {
    const id = items.find(item)
    if (id === undefined) {
      unknown.push(item)
      continue
    }
    history.items.push(id)
    history.times.push(time)
  }
  return { history, unknown }
}
