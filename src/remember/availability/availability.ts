// What may be listed: the newest word of the item feed on every item it named, and which of the known items may not be
// in a list now. Times come from the caller: `nowMs` never has to be the clock of the machine.

import type { Tensor, Texts } from '../../ports/checkpoint-store.ts'
import type { ItemState } from '../../types.ts'
import { createIdSet } from './id-set.ts'
import { isListed, isOutForGood, saysMore, type Unnamed } from './item-state.ts'
import { createKeptStates } from './kept-states.ts'
import { saved, statesIn } from './saved-states.ts'
import { createChanges } from './time-queue.ts'

export interface AvailabilityOptions {
  /** Of items that the feed has never named. */
  readonly unnamed: Unnamed
  /**
   * Items whose state is kept; those that say no more than `unnamed` does need no place. Where there is no room, what
   * is out for good and known to the model is remembered by its id alone, and then what is listed anyway is forgotten.
   */
  readonly statesMax: number
}

export interface Availability {
  /** Takes the newest word on some items; returns on how many it could not be kept. */
  apply(states: readonly ItemState[], nowMs: number): number
  /** All that the feed had said before the start is known. */
  complete(): void
  /** Until then no list may go out. */
  readonly isComplete: boolean
  /** From now on the id stands for this name; '': for nobody. */
  named(id: number, name: string): void
  /** Items whose `from` or `until` has passed change their side. */
  advance(nowMs: number): void
  isUnlisted(item: number): boolean
  /** Ids that may not be listed now, in no order. Valid until the next change. */
  unlisted(): Int32Array
  /** Items whose state is kept. */
  readonly states: number
  /** Grows whenever an item that might be in a list may be no more. */
  readonly withdrawals: number
  /** Which items of the model are out of lists, or will be, by id. */
  save(): Map<string, Tensor>
  /** `names` by id. */
  restore(tensors: ReadonlyMap<string, Tensor>, names: Texts, nowMs: number): void
}

export function createAvailability({ unnamed, statesMax }: AvailabilityOptions): Availability {
  const ids = new Map<string, number>()
  const byName = createKeptStates({
    ...{ unnamed, statesMax, hasId: (name) => ids.has(name), onLost: () => void lost++ },
  })
  const names: string[] = []
  const closed = createIdSet()
  const changes = createChanges(byName)
  let isComplete = false
  let withdrawals = 0
  /** Words that were forgotten and not told of yet. */
  let lost = 0
  /** The latest moment that was told. */
  let lastMs = Number.NEGATIVE_INFINITY

  function place(name: string, nowMs: number): void {
    const id = ids.get(name)
    if (id === undefined) return
    if (isListed(byName.get(name), unnamed, nowMs)) closed.delete(id)
    else if (closed.add(id)) withdrawals++
  }

  function take({ item, ...state }: ItemState, nowMs: number): void {
    byName.delete(item)
    const id = ids.get(item)
    if (saysMore(state, unnamed) && !byName.put(item, state, nowMs)) {
      if (id !== undefined && isOutForGood(state, unnamed, nowMs)) {
        if (closed.add(id)) withdrawals++
        return
      }
      lost++
    }
    place(item, nowMs)
    changes.await(item, nowMs)
  }

  /** The id is to stand for another name: what only the id told of this one is to be kept by its name. */
  function keepByName(name: string, id: number): void {
    if (unnamed === 'unlisted' || byName.has(name) || !closed.has(id)) return
    if (!byName.put(name, { available: false }, lastMs)) lost++
  }

  function named(id: number, name: string): void {
    const before = names[id]
    if (before === name && ids.get(name) === id) return
    if (before !== undefined && ids.get(before) === id) {
      keepByName(before, id)
      ids.delete(before)
    }
    names[id] = name
    closed.delete(id)
    if (name === '') return
    ids.set(name, id)
    // Nobody's list holds it yet: no withdrawal.
    if (!isListed(byName.get(name), unnamed, lastMs)) closed.add(id)
  }

  function advance(nowMs: number): void {
    lastMs = Math.max(lastMs, nowMs)
    for (;;) {
      const name = changes.due(lastMs)
      if (name === undefined) return
      // What has no state by now has its place.
      if (!byName.has(name)) continue
      place(name, lastMs)
      changes.await(name, lastMs)
    }
  }

  return {
    apply(states, nowMs) {
      advance(nowMs)
      for (const state of states) take(state, lastMs)
      const told = lost
      lost = 0
      return told
    },
    complete: () => void (isComplete = true),
    get isComplete() {
      return isComplete
    },
    named,
    advance,
    isUnlisted: closed.has,
    unlisted: closed.all,
    get states() {
      return byName.size
    },
    get withdrawals() {
      return withdrawals
    },
    save: () =>
      saved(unnamed === 'listed' ? [...byName.entries()] : [], closed.all(), (name) =>
        ids.get(name),
      ),
    restore(tensors, known, nowMs) {
      advance(nowMs)
      // Lists from before may hold what has been taken out since.
      withdrawals++
      let next = 0
      for (const name of known) named(next++, name)
      for (const { id, ...state } of statesIn(tensors)) {
        const item = known.at(id) ?? ''
        if (item !== '') take({ item, ...state }, lastMs)
      }
    },
  }
}
