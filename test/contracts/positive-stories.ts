// Random stories of one user for positive stores, and the state that every order of telling them must end in.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { PositiveStore, UserLimits } from '../../src/ports/positive-store.ts'
import { codeOf, fullAdd, kindOf, ownedItems, strengthCode } from '../../src/strength.ts'
import type { Interaction, UserState } from '../../src/types.ts'

/** The weights of a shop, and such as come once these have been changed. */
export const strengths = [
  fullAdd,
  fullAdd,
  ...[0.2, 0.25, 1].map((w) => strengthCode(w, true)),
  1_000,
]

/** A random story of one user, told twice in different orders and pieces, ends in the model's state. */
export function convergence(
  stores: readonly PositiveStore[],
  limits: UserLimits,
  view: (state: UserState) => unknown = plain,
  codes: readonly number[] = [fullAdd],
) {
  let user = 0
  const one = fc.record({
    item: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'é', '😀', '\uffee'),
    timestamp: fc.integer({ min: 0, max: 9 }),
    action: fc.constantFrom<Interaction['action']>('ADD', 'ADD', 'REMOVE'),
    code: fc.constantFrom(...codes),
  })
  const story = fc.array(one, { minLength: 1, maxLength: 24 }).chain((events) =>
    fc.record({
      events: fc.constant(events),
      order: fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
      repeats: fc.array(fc.nat({ max: events.length - 1 }), { maxLength: 12 }),
      piece: fc.integer({ min: 1, max: 9 }),
    }),
  )
  return fc.asyncProperty(story, async ({ events, order, repeats, piece }) => {
    const id = `converges ${codes.length} ${limits.added} ${user++}`
    const told = events.map(({ code, ...rest }): Interaction => {
      const isFull = code === fullAdd || rest.action === 'REMOVE'
      return { user: id, ...rest, ...(isFull ? {} : { kind: kindOf(code) }) }
    })
    const queue = [...order, ...repeats].map((k) => told[k] as Interaction)
    const under: Promise<void>[] = []
    for (let k = 0; k < queue.length; k += piece) {
      const target = stores[k % stores.length] as PositiveStore
      under.push(target.apply(queue.slice(k, k + piece)))
    }
    await Promise.all(under)
    const [state] = await (stores[0] as PositiveStore).read([id])
    assert.deepEqual(view(state ?? empty(id)), view(model(id, told, limits)))
  })
}

/** What the user has, with what it is worth, as learning and lists see it. */
export function worth(state: UserState): unknown {
  const owned = ownedItems(state).map(({ item, weight, listable }) => [item, weight, listable])
  return owned.sort()
}

/** Only what the user has: a removal at the same time or later takes an item away. */
export function positives(state: UserState): string[] {
  const removed = new Map(state.removed)
  const has = state.added.filter(([item, time]) => time > (removed.get(item) ?? -Infinity))
  return has.map(([item]) => item).sort()
}

/** The rule of the port, written as plainly as possible over the whole list of events. */
export function model(user: string, events: readonly Interaction[], limits: UserLimits): UserState {
  const side = (action: Interaction['action'], count: number, code = fullAdd) => {
    const times = new Map<string, number>()
    for (const one of events) {
      if (one.user !== user || one.action !== action || codeOf(one) !== code) continue
      times.set(one.item, Math.max(one.timestamp, times.get(one.item) ?? -Infinity))
    }
    const bytes = (text: string) => Buffer.from(text)
    return [...times]
      .sort((a, b) => b[1] - a[1] || Buffer.compare(bytes(b[0]), bytes(a[0])))
      .slice(0, count)
  }
  const removed = side('REMOVE', limits.removed)
  const floor = removed.length < limits.removed ? -Infinity : (removed.at(-1)?.[1] ?? -Infinity)
  const added = side('ADD', limits.added).filter(([, time]) => time > floor)
  const weighted = [...new Set(events.map(codeOf))]
    .filter((code) => code !== fullAdd)
    .flatMap((code) =>
      side('ADD', Number.POSITIVE_INFINITY, code).map(
        ([item, time]) => [item, time, code] as const,
      ),
    )
    .sort((a, b) => b[1] - a[1] || Buffer.compare(memberOf(b), memberOf(a)))
    .slice(0, limits.added)
    .filter(([, time]) => time > floor)
  return weighted.length === 0 ? { user, added, removed } : { user, added, removed, weighted }
}

/** Equal times are ordered by the name that the set has for an item and a strength. */
function memberOf([item, , code]: readonly [string, number, number]): Buffer {
  return Buffer.from(`${Math.floor(code / 2)}${code % 2 === 1 ? 'l' : ''}:${item}`)
}

export function event(
  user: string,
  item: string,
  timestamp: number,
  action: Interaction['action'],
): Interaction {
  return { user, item, timestamp, action }
}

/** The same state with its entries in one fixed order. */
export function plain(state: UserState): UserState {
  const sorted = (entries: UserState['added']) =>
    [...entries].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
  const { user, added, removed, weighted } = state
  const own = { user, added: sorted(added), removed: sorted(removed) }
  if (weighted === undefined) return own
  return { ...own, weighted: weighted.toSorted((a, b) => (`${a}` < `${b}` ? -1 : 1)) }
}

export function empty(user: string): UserState {
  return { user, added: [], removed: [] }
}
