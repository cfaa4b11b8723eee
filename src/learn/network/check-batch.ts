// Are the arrays of a call long enough and their ids inside the tables? Asked before anything changes,
// so that a refused call leaves no trace. What is wrong here is a mistake of the caller: RangeError.

import type { DrawBatch, NetworkSpec, UserBatch } from '../../ports/engine.ts'

export function checkUsers(
  spec: NetworkSpec,
  batch: UserBatch,
  users: number,
  items: number,
): void {
  const { count } = batch
  if (!(Number.isInteger(count) && count >= 0)) throw new RangeError(`users: count is ${count}`)
  if (spec.users === 'rows') {
    wantLength('userRows', batch.userRows, count)
    wantIds('userRows', batch.userRows, 0, count, 0, users)
    return
  }
  const { historyStart, historyItems, historyAges, historyLength } = batch
  wantLength('historyStart', historyStart, count + 1)
  wantLength('historyLength', historyLength, count)
  for (let k = 0; k < count; k++) {
    const from = historyStart[k]!
    const to = historyStart[k + 1]!
    if (from < 0 || to < from || to > historyItems.length || to > historyAges.length) {
      throw new RangeError(`history of user ${k} stands at ${from}…${to}, outside its arrays`)
    }
    if (historyLength[k]! < to - from) {
      throw new RangeError(`historyLength[${k}] is ${historyLength[k]}, but ${to - from} are given`)
    }
    wantIds('historyItems', historyItems, from, to, 0, items)
    for (let l = from; l < to; l++) {
      if (!(historyAges[l]! >= 0)) {
        throw new RangeError(`historyAges[${l}] is ${historyAges[l]}; it must be 0 or more`)
      }
    }
  }
}

export function checkDraws(
  spec: NetworkSpec,
  batch: DrawBatch,
  users: number,
  items: number,
): void {
  checkUsers(spec, batch, users, items)
  const { count, negatives, choices } = batch
  if (!(negatives >= 1 && choices >= 1)) {
    throw new RangeError(`expected at least one negative and choice, got ${negatives}, ${choices}`)
  }
  const candidates = count * negatives * choices
  wantLength('positives', batch.positives, count)
  wantLength('candidates', batch.candidates, candidates)
  wantLength('direct', batch.direct, negatives)
  wantLength('mirrored', batch.mirrored, negatives)
  wantIds('positives', batch.positives, 0, count, 0, items)
  wantIds('candidates', batch.candidates, 0, candidates, -1, items)
}

/** Pairs of items, which the first of the users compares. */
export function checkPairs(
  users: UserBatch,
  first: Int32Array,
  second: Int32Array,
  count: number,
  out: Float32Array,
  items: number,
): void {
  if (users.count < 1) throw new RangeError('compare needs a user; users.count is 0')
  wantLength('out', out, count)
  wantLength('first', first, count)
  wantLength('second', second, count)
  wantIds('first', first, 0, count, 0, items)
  wantIds('second', second, 0, count, 0, items)
}

export function wantLength(name: string, array: { length: number }, length: number): void {
  if (!(array.length >= length)) {
    throw new RangeError(`${name} has ${array.length} places, the call needs ${length}`)
  }
}

export function wantIds(
  name: string,
  ids: Int32Array,
  from: number,
  to: number,
  low: number,
  end: number,
): void {
  for (let x = from; x < to; x++) {
    const id = ids[x]!
    if (id < low || id >= end) {
      throw new RangeError(`${name}[${x}] is ${id}; the tables hold ids ${low}…${end - 1}`)
    }
  }
}
