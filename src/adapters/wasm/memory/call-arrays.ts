// Brings the arrays of a call into the network's memory, and asks there, in lanes, whether their ids and ages hold.
// Only when something does not is it rowCopies for one by one, to be named.

import { checkDraws, checkUsers } from '../../../learn/network/check-batch.ts'
import type { DrawBatch, UserBatch } from '../../../ports/engine.ts'
import { aligned, forThreads, type NetworkMemory, reserve, setPerThread } from './memory-map.ts'
import { placePairMemory } from './pair-memory.ts'

/** Up to so many numbers a loop copies them sooner than a view is made for set(). */
const loopMax = 64

export interface Call {
  /** Puts the users in, and keeps `own` bytes free. Throws a RangeError before anything is learned. */
  users(batch: UserBatch, own: number): void
  draws(batch: DrawBatch, own: number): void
  /** Where the bytes that were kept free begin. */
  readonly own: number
  /** Where the kernel lists the items that the draws have changed. */
  readonly learnedItems: number
}

export function createCall(memory: NetworkMemory): Call {
  const { kernel, store } = memory
  const { spec } = store.layout
  const history = spec.users === 'history'
  // What the places are made for; `items` are those of histories, `own` is in bytes.
  const room = { users: 0, items: 0, candidates: 0, negatives: 0, own: 0 }
  const at = {
    userRows: 0,
    historyStart: 0,
    historyLength: 0,
    historyItems: 0,
    historyAges: 0,
    positives: 0,
    candidates: 0,
    scores: 0,
    direct: 0,
    mirrored: 0,
    learnedItems: 0,
  }
  let layoutVersion = -1
  const call = { users, draws, own: 0, learnedItems: 0 }

  function place(
    users: number,
    items: number,
    candidates: number,
    negatives: number,
    own: number,
  ): void {
    const fits =
      layoutVersion === memory.layoutVersion &&
      users <= room.users &&
      items <= room.items &&
      candidates <= room.candidates &&
      negatives <= room.negatives &&
      own <= room.own
    if (fits) return
    room.users = Math.max(room.users, users)
    room.items = Math.max(room.items, items)
    room.candidates = Math.max(room.candidates, candidates)
    room.negatives = Math.max(room.negatives, negatives)
    room.own = Math.max(room.own, own)
    layoutVersion = memory.layoutVersion
    let end = memory.end
    const take = (count: number): number => {
      const from = end
      end = aligned(end + 4 * count + 16)
      return from
    }
    at.userRows = take(room.users)
    at.historyStart = take(room.users + 1)
    at.historyLength = take(room.users)
    at.historyItems = take(room.items)
    at.historyAges = take(room.items)
    at.positives = take(room.users)
    at.candidates = take(room.candidates)
    // Behind the scores three lanes for each four questions of a draw, and whole lanes of both.
    at.scores = take(room.candidates + 3 * room.negatives + 24)
    at.direct = take(room.negatives)
    at.mirrored = take(room.negatives)
    at.learnedItems = take(room.users * (room.negatives + 1))
    const chosen = forThreads(memory, () => ({
      chosenItems: take(room.negatives + 1),
      chosenGradients: take(room.negatives + 1),
      chosenAlphas: take(room.negatives + 1),
      chosenGammas: take(room.negatives + 1),
    }))
    const setPairs = store.layout.shape.joint
      ? placePairMemory(memory, take, room.negatives, room.users)
      : undefined
    call.own = end
    call.learnedItems = at.learnedItems
    reserve(memory, end + room.own)
    setPairs?.()
    setPerThread(memory, chosen)
    for (const name of Object.keys(at) as (keyof typeof at)[]) kernel.set(name, at[name])
  }

  // One function for each kind of array: a loop that meets both kinds asks at every number which it has.

  function putInts(array: Int32Array, count: number, to: number): void {
    const { ints } = kernel
    const at = to >> 2
    if (count > loopMax) ints.set(array.length === count ? array : array.subarray(0, count), at)
    else for (let n = 0; n < count; n++) ints[at + n] = array[n]!
  }

  function putFloats(array: Float32Array, count: number, to: number): void {
    const { floats } = kernel
    const at = to >> 2
    if (count > loopMax) floats.set(array.length === count ? array : array.subarray(0, count), at)
    else for (let n = 0; n < count; n++) floats[at + n] = array[n]!
  }

  /** How many history items the users reach to, or -1 where something is wrong. */
  function reachOf(batch: UserBatch): number {
    const { count, userRows, historyStart, historyLength, historyItems, historyAges } = batch
    if (!(Number.isInteger(count) && count >= 0)) return -1
    if (!history) return userRows.length >= count ? 0 : -1
    if (!(historyStart.length > count && historyLength.length >= count)) return -1
    let from = historyStart[0]!
    if (from < 0) return -1
    for (let k = 0; k < count; k++) {
      const to = historyStart[k + 1]!
      if (to < from || historyLength[k]! < to - from) return -1
      from = to
    }
    return from <= historyItems.length && from <= historyAges.length ? from : -1
  }

  function putUsers(batch: UserBatch, total: number): boolean {
    const { count } = batch
    if (!history) {
      putInts(batch.userRows, count, at.userRows)
      return kernel.idsWithin(at.userRows, count, 0, store.users) === 1
    }
    putInts(batch.historyStart, count + 1, at.historyStart)
    putInts(batch.historyLength, count, at.historyLength)
    putInts(batch.historyItems, total, at.historyItems)
    putFloats(batch.historyAges, total, at.historyAges)
    return (
      kernel.idsWithin(at.historyItems, total, 0, store.items) === 1 &&
      kernel.agesAreValid(at.historyAges, total) === 1
    )
  }

  function tryUsers(batch: UserBatch, own: number): boolean {
    const total = reachOf(batch)
    if (total < 0) return false
    place(batch.count, total, 0, 0, own)
    return putUsers(batch, total)
  }

  function tryDraws(batch: DrawBatch, own: number): boolean {
    const { count, negatives, choices, positives, candidates, direct, mirrored } = batch
    const total = reachOf(batch)
    const all = count * negatives * choices
    if (total < 0 || !(negatives >= 1 && choices >= 1)) return false
    if (!(positives.length >= count && candidates.length >= all)) return false
    if (!(direct.length >= negatives && mirrored.length >= negatives)) return false
    place(count, total, all, negatives, own)
    putInts(positives, count, at.positives)
    putInts(candidates, all, at.candidates)
    putFloats(direct, negatives, at.direct)
    putFloats(mirrored, negatives, at.mirrored)
    kernel.set('negatives', negatives)
    kernel.set('choices', choices)
    return (
      putUsers(batch, total) &&
      kernel.idsWithin(at.positives, count, 0, store.items) === 1 &&
      kernel.idsWithin(at.candidates, all, -1, store.items) === 1
    )
  }

  function users(batch: UserBatch, own: number): void {
    if (tryUsers(batch, own)) return
    checkUsers(spec, batch, store.users, store.items)
    throw new RangeError('the users of the call do not hold')
  }

  function draws(batch: DrawBatch, own: number): void {
    if (tryDraws(batch, own)) return
    checkDraws(spec, batch, store.users, store.items)
    throw new RangeError('the draws of the call do not hold')
  }

  return call
}
