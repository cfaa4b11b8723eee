// Brings the arrays of a call into the network's memory and has the kernel check their ids and ages there, four at a
// time. Only if that finds a fault are they looked at one by one, so that the error can name it.

import { checkDraws, checkUsers } from '../../../learn/network/check-batch.ts'
import type { DrawBatch, UserBatch } from '../../../ports/engine.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { type CallAddresses, createCallMemory } from './call-memory.ts'
import type { NetworkMemory } from './memory-map.ts'

/** Up to this many numbers are copied faster by a loop than by making a view for set(). */
const loopMax = 64

export interface Call {
  /** Puts the users in, and keeps `own` bytes free. Throws a RangeError before anything is learned. */
  users(batch: UserBatch, own: number): void
  draws(batch: DrawBatch, own: number): void
  /** The kernel has read the query of the only user that users() was given. */
  keep(): void
  /** Rows are about to change: the query will have to be read again. */
  forget(): void
  /** Of the draws: the query of the first one's user is what the kernel has read last. */
  readonly isRead: boolean
  /** Where the bytes that were kept free begin. */
  readonly own: number
  /** Where the kernel lists the items that the draws have changed. */
  readonly learnedItems: number
}

export function createCall(memory: NetworkMemory): Call {
  const { kernel, store } = memory
  const { spec } = store.layout
  const callMemory = createCallMemory(memory)
  // Rows that have missed updates are read from copies, and brought up to date before they are learned from.
  const mayKeep = !store.layout.shape.joint && !store.layout.tables.some((table) => table.isAdam)
  let isKept = false
  let isRead = false

  function tryUsers(batch: UserBatch, own: number): boolean {
    isKept = isRead = false
    const total = reachOf(batch, spec.users)
    if (total < 0) return false
    callMemory.place(batch.count, total, 0, 0, own)
    return putUsers(memory, callMemory.at, batch, total)
  }

  function tryDraws(batch: DrawBatch, own: number): boolean {
    const { count, negatives, choices, positives, candidates, direct, mirrored } = batch
    const [wasKept, before] = [isKept, callMemory.at]
    isKept = isRead = false
    const total = reachOf(batch, spec.users)
    const all = count * negatives * choices
    if (total < 0 || !(negatives >= 1 && choices >= 1)) return false
    if (!(positives.length >= count && candidates.length >= all)) return false
    if (!(direct.length >= negatives && mirrored.length >= negatives)) return false
    callMemory.place(count, total, all, negatives, own)
    const { at } = callMemory
    isRead = wasKept && at === before && isFirst(memory, at, batch)
    putInts(kernel, positives, count, at.positives)
    putInts(kernel, candidates, all, at.candidates)
    putFloats(kernel, direct, negatives, at.direct)
    putFloats(kernel, mirrored, negatives, at.mirrored)
    kernel.set('negatives', negatives)
    kernel.set('choices', choices)
    return (
      ((isRead && count === 1) || putUsers(memory, at, batch, total)) &&
      kernel.idsWithin(at.positives, count, 0, store.items) === 1 &&
      kernel.idsWithin(at.candidates, all, -1, store.items) === 1
    )
  }

  function users(batch: UserBatch, own: number): void {
    if (tryUsers(batch, own)) return
    checkUsers(spec, batch, store.users, store.items)
    throw unnamedFault('users')
  }

  function draws(batch: DrawBatch, own: number): void {
    if (tryDraws(batch, own)) return
    checkDraws(spec, batch, store.users, store.items)
    throw unnamedFault('draws')
  }

  return {
    users,
    draws,
    keep() {
      isKept = mayKeep
    },
    forget() {
      isKept = false
    },
    get isRead() {
      return isRead
    },
    get own() {
      return callMemory.own
    },
    get learnedItems() {
      return callMemory.at.learnedItems
    },
  }
}

/** False where the kernel finds a fault. */
function putUsers(
  { kernel, store }: NetworkMemory,
  at: CallAddresses,
  batch: UserBatch,
  total: number,
): boolean {
  const { count } = batch
  if (store.layout.spec.users === 'rows') {
    putInts(kernel, batch.userRows, count, at.userRows)
    return kernel.idsWithin(at.userRows, count, 0, store.users) === 1
  }
  putInts(kernel, batch.historyStart, count + 1, at.historyStart)
  putInts(kernel, batch.historyLength, count, at.historyLength)
  putInts(kernel, batch.historyItems, total, at.historyItems)
  putFloats(kernel, batch.historyAges, total, at.historyAges)
  return (
    kernel.idsWithin(at.historyItems, total, 0, store.items) === 1 &&
    kernel.agesAreValid(at.historyAges, total) === 1
  )
}

/** Whether the first user of the batch is the one that lies in memory. */
function isFirst({ kernel, store }: NetworkMemory, at: CallAddresses, batch: UserBatch): boolean {
  const { ints, floats } = kernel
  const { userRows, historyStart, historyLength, historyItems, historyAges } = batch
  if (batch.count === 0) return false
  if (store.layout.spec.users === 'rows') return ints[at.userRows >> 2] === userRows[0]
  const [from, to] = [historyStart[0]!, historyStart[1]!]
  const start = at.historyStart >> 2
  if (from !== 0 || ints[start] !== 0 || ints[start + 1] !== to) return false
  if (ints[at.historyLength >> 2] !== historyLength[0]) return false
  const [items, ages] = [at.historyItems >> 2, at.historyAges >> 2]
  for (let l = 0; l < to; l++) {
    if (ints[items + l] !== historyItems[l] || floats[ages + l] !== historyAges[l]) return false
  }
  return true
}

function unnamedFault(where: string): RangeError {
  return new RangeError(
    `the kernel found a fault in these ${where} that no check of a single number finds`,
  )
}

/** How many history items the users reach to, or -1 where something is wrong. */
function reachOf(batch: UserBatch, kind: 'rows' | 'history'): number {
  const { count, userRows, historyStart, historyLength, historyItems, historyAges } = batch
  if (!(Number.isInteger(count) && count >= 0)) return -1
  if (kind === 'rows') return userRows.length >= count ? 0 : -1
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

// One function for each kind of array: a loop that meets both kinds asks at every number which it has.

function putInts({ ints }: Kernel, array: Int32Array, count: number, to: number): void {
  const at = to >> 2
  if (count > loopMax) ints.set(array.length === count ? array : array.subarray(0, count), at)
  else for (let n = 0; n < count; n++) ints[at + n] = array[n]!
}

function putFloats({ floats }: Kernel, array: Float32Array, count: number, to: number): void {
  const at = to >> 2
  if (count > loopMax) floats.set(array.length === count ? array : array.subarray(0, count), at)
  else for (let n = 0; n < count; n++) floats[at + n] = array[n]!
}
