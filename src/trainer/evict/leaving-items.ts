// Items that have lost their names and not yet everything else: a pass over all users and all items takes them out of
// what these have, a piece with every event. How far it is depends on the events alone, so it changes no byte how
// batches are cut, and a checkpoint goes on with it.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'
import { admitWithheld, dropItems } from '../../remember/eviction/drop-items.ts'
import type { Learner } from '../model/learner.ts'

/** Users or items that are passed with an event. */
const passedPerEvent = 16

/**
 * The state of a pass, which belongs to the input; the learner it works on is given with every call, since a model that
 * goes back is another learner with the same users.
 */
export interface LeavingItems {
  /** The items leave from now on; those before them first leave altogether. */
  add(learner: Learner, items: Int32Array): void
  /** To be called with every event. `isNewItem`: it brings one more item, so ids are taken sooner. */
  pass(learner: Learner, isNewItem: boolean): void
  /** The id is to stand for another now: where the item has not left yet, the pass is made to its end. */
  take(learner: Learner, item: number): void
  readonly state: LiveState
  /** `learner` has been restored. */
  restore(learner: Learner, tensors: ReadonlyMap<string, Tensor>): void
}

export function createLeavingItems(): LeavingItems {
  let items: Int32Array = new Int32Array(0)
  let gone = new Uint8Array(0)
  /** Users and items when the pass began: those who came later have none of the items. */
  let users = 0
  let others = 0
  /** Of them together, how many were passed. */
  let done = 0

  function passOver(learner: Learner, count: number): void {
    const end = Math.min(users + others, done + count)
    if (done < users) dropItems(learner.positives, gone, done, Math.min(end, users))
    if (end > users) sweep(learner, gone, Math.max(0, done - users), end - users)
    done = end
    if (done < users + others) return
    // Nothing is left of them but their rows, which begin anew with the ids.
    giveUpProbes(learner, gone)
    for (const item of items) learner.positives.owned.left(item)
    items = new Int32Array(0)
    gone = new Uint8Array(0)
  }

  function finish(learner: Learner): void {
    if (items.length > 0) passOver(learner, users + others)
  }

  return {
    add(learner, leaving) {
      finish(learner)
      users = learner.positives.users
      others = learner.positives.items
      items = leaving.filter((item) => item < others)
      done = 0
      gone = marksOf(items, others)
      giveUpProbes(learner, gone)
      learner.prequential.dropItems(gone)
      for (const part of partsOf(learner)) part.dropItems?.(gone)
      for (const item of items) learner.positives.owned.leave(item)
    },
    pass(learner, isNewItem) {
      if (items.length === 0) return
      // No id of these is taken before as many new items have come.
      const share = isNewItem ? Math.ceil((users + others) / items.length) : 0
      passOver(learner, passedPerEvent + share)
    },
    take(learner, item) {
      if (gone[item] === 1) finish(learner)
    },
    state: {
      live: [],
      rest: () => {
        if (items.length === 0) return new Map()
        const data = Float64Array.of(done, users, others, ...items)
        return new Map([['leaving', { shape: [data.length], data }]])
      },
    },
    restore(learner, tensors) {
      const saved = tensors.get('leaving')
      if (saved === undefined) return
      ;[done = 0, users = 0, others = 0] = saved.data
      items = Int32Array.from(saved.data.subarray(3))
      gone = marksOf(items, others)
      for (const item of items) learner.positives.owned.leave(item)
    },
  }
}

/** Nothing that is counted tells of the items any more; all at once. */
export function forgetItems(learner: Learner, items: Int32Array): void {
  const n = learner.positives.items
  const gone = marksOf(items, n)
  for (const part of partsOf(learner)) part.dropItems?.(gone)
  sweep(learner, gone, 0, n)
}

/** What is counted of items from … to-1 tells nothing of those with a 1. */
function sweep(learner: Learner, gone: Uint8Array, from: number, to: number): void {
  for (const part of partsOf(learner)) part.sweepItems?.(gone, from, to)
}

function giveUpProbes({ forgetting, positives }: Learner, gone: Uint8Array): void {
  for (const user of forgetting.dropItems(gone)) admitWithheld(positives, user)
}

function partsOf({ parts, neighbours }: Learner) {
  return new Set([...parts, neighbours])
}

/** 1 where an item of 0 … n-1 is among them. */
function marksOf(items: Int32Array, n: number): Uint8Array<ArrayBuffer> {
  const marks = new Uint8Array(n)
  for (const item of items) if (item < n) marks[item] = 1
  return marks
}
