// What may be listed: the newest word of the item feed on every item it named, and which of the known items may not be
// in a list now. Times come from the caller: `nowMs` never has to be the clock of the machine.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { ItemState } from '../../types.ts'
import { createIdSet } from './id-set.ts'
import { createTimeQueue } from './time-queue.ts'

export interface AvailabilityOptions {
  /** Of items that the feed has never named. */
  readonly unnamed: 'listed' | 'unlisted'
  /** Items whose state is kept; those that say no more than `unnamed` does need no place. */
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
  restore(tensors: ReadonlyMap<string, Tensor>, names: readonly string[], nowMs: number): void
}

type Kept = Omit<ItemState, 'item'>
type Unnamed = AvailabilityOptions['unnamed']

const stateWidth = 4
/** Outdated times are removed from the queue when they are more than this and more than half of it. */
const outdatedMax = 1_024

export function createAvailability({ unnamed, statesMax }: AvailabilityOptions): Availability {
  const byName = new Map<string, Kept>()
  const ids = new Map<string, number>()
  const names: string[] = []
  const closed = createIdSet()
  let times = createTimeQueue()
  let isComplete = false
  let withdrawals = 0
  /** The latest moment that was told. */
  let lastMs = Number.NEGATIVE_INFINITY

  function place(name: string, nowMs: number): void {
    const id = ids.get(name)
    if (id === undefined) return
    if (isListed(byName.get(name), unnamed, nowMs)) closed.delete(id)
    else if (closed.add(id)) withdrawals++
  }

  function awaitTime(name: string, nowMs: number): void {
    const state = byName.get(name)
    const at = state && nextTime(state, nowMs)
    if (at === undefined) return
    times.push(at, name)
    if (times.size <= 2 * byName.size + outdatedMax) return
    times = createTimeQueue()
    for (const [other, kept] of byName) {
      const then = nextTime(kept, nowMs)
      if (then !== undefined) times.push(then, other)
    }
  }

  function take({ item, ...state }: ItemState, nowMs: number): boolean {
    if (!saysMore(state, unnamed)) byName.delete(item)
    else if (byName.size < statesMax || byName.has(item)) byName.set(item, state)
    else return false
    place(item, nowMs)
    awaitTime(item, nowMs)
    return true
  }

  function named(id: number, name: string): void {
    const before = names[id]
    if (before !== undefined && ids.get(before) === id) ids.delete(before)
    names[id] = name
    closed.delete(id)
    if (name === '') return
    ids.set(name, id)
    // Nobody's list holds it yet: no withdrawal.
    if (!isListed(byName.get(name), unnamed, lastMs)) closed.add(id)
  }

  function advance(nowMs: number): void {
    lastMs = Math.max(lastMs, nowMs)
    for (let name = times.due(lastMs); name !== undefined; name = times.due(lastMs)) {
      place(name, lastMs)
      awaitTime(name, lastMs)
    }
  }

  return {
    apply(states, nowMs) {
      advance(nowMs)
      let refused = 0
      for (const state of states) if (!take(state, lastMs)) refused++
      return refused
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
    save() {
      const rows: number[] = []
      const put = (id: number | undefined, { available, from, until }: Kept): void => {
        if (id === undefined) return
        rows.push(id, available ? 1 : 0, from ?? Number.NaN, until ?? Number.NaN)
      }
      if (unnamed === 'listed') for (const [name, kept] of byName) put(ids.get(name), kept)
      else for (const id of closed.all()) put(id, { available: false })
      const shape = [rows.length / stateWidth, stateWidth]
      return new Map([['items.states', { shape, data: Float64Array.from(rows) }]])
    },
    restore(tensors, known, nowMs) {
      advance(nowMs)
      // Lists from before may hold what has been taken out since.
      withdrawals++
      known.forEach((name, id) => {
        named(id, name)
      })
      const data = tensors.get('items.states')?.data ?? new Float64Array(0)
      for (let at = 0; at + 3 < data.length; at += stateWidth) {
        const item = known[data[at]!]
        if (item === undefined || item === '') continue
        const [from, until] = [data[at + 2]!, data[at + 3]!]
        const bounds = { ...timed('from', from), ...timed('until', until) }
        take({ item, available: data[at + 1] === 1, ...bounds }, lastMs)
      }
    },
  }
}

function isListed(state: Kept | undefined, unnamed: Unnamed, nowMs: number): boolean {
  if (state === undefined) return unnamed === 'listed'
  const { available, from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = state
  return available && nowMs >= from && nowMs < until
}

/** When the item changes its side next by itself. */
function nextTime({ available, from, until }: Kept, nowMs: number): number | undefined {
  if (!available) return undefined
  if (from !== undefined && nowMs < from) return from
  return until !== undefined && nowMs < until ? until : undefined
}

/** Whether the state has to be kept to be known. */
function saysMore({ available, from, until }: Kept, unnamed: Unnamed): boolean {
  const isPlain = from === undefined && until === undefined
  return unnamed === 'listed' ? !available || !isPlain : available
}

function timed(name: 'from' | 'until', at: number): Partial<Kept> {
  return Number.isNaN(at) ? {} : { [name]: at }
}
