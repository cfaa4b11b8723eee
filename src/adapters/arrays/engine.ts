// The engine of plain loops over typed arrays. It needs no WebAssembly and has no limit of 4 GiB, which makes it the
// engine for larger models (--engine arrays), at several times the cost of `wasm`; tests compare the compiled kernels
// with it. The reference that it must agree with is adapters/tfjs/engine.ts.

import {
  checkDraws,
  checkPairs,
  checkUsers,
  wantIds,
  wantLength,
} from '../../learn/network/check-batch.ts'
import { updateDense } from '../../learn/network/rows.ts'
import { createScoreAll } from '../../learn/network/score-all.ts'
import { checkSpec } from '../../learn/network/spec.ts'
import {
  createStore,
  growStore,
  renewRows,
  restoreStore,
  tensorsOf,
} from '../../learn/network/store.ts'
import type { DrawBatch, Engine, Network, NetworkSpec, UserBatch } from '../../ports/engine.ts'
import { createChosen } from './emit-gradients.ts'
import { jointLogit, learnJoint, readJoint } from './joint-tower.ts'
import { learnDraw } from './learn-draw.ts'
import { itemScore, readQuery } from './query.ts'
import { catchUpDraw, createScratch, growScratch, type Scratch } from './scratch.ts'

export function createArraysEngine(): Engine {
  return { name: 'arrays', create: createNetwork }
}

function createNetwork(spec: NetworkSpec, seed: number): Network {
  checkSpec(spec)
  const store = createStore(spec, seed)
  const scratch = createScratch(store)
  const chosen = createChosen()
  const { layout } = store
  const { joint } = layout.shape
  const catchesUp = layout.tables.some((table) => table.isAdam)

  /** Learns draws from … to-1 in one update. With a single draw its rows are updated immediately. */
  function update(batch: DrawBatch, from: number, to: number): number {
    const t = store.ints[layout.steps]! + 1
    const immediate = to - from === 1
    if (catchesUp) for (let k = from; k < to; k++) catchUpDraw(scratch, batch, k)
    let loss = 0
    let learned = 0
    const scale = 1 / (to - from)
    for (let k = from; k < to; k++) {
      const drawn = joint
        ? learnJoint(scratch, chosen, batch, k, scale)
        : learnDraw(scratch, chosen, batch, k, scale, immediate, t)
      if (Number.isNaN(drawn)) continue
      loss += drawn
      learned++
    }
    if (learned > 0) finish(scratch, t)
    return loss
  }

  function score(users: UserBatch, items: Int32Array, out: Float32Array): void {
    checkUsers(spec, users, store.users, store.items)
    wantIds('items', items, 0, items.length, 0, store.items)
    wantLength('out', out, users.count * items.length)
    if (joint) throw new RangeError('a joint tower has no scores, only comparisons')
    scoreTotal(scratch, users, items, out)
  }

  return {
    spec,
    grow(users, items, restored) {
      growStore(store, seed, users, items, restored)
      growScratch(scratch)
    },
    renew: (of, ids) => renewRows(store, seed, of, ids),
    step(batch, updates) {
      checkDraws(spec, batch, store.users, store.items)
      const { count } = batch
      if (count === 0) return 0
      if (updates === 'together') return update(batch, 0, count) / count
      let loss = 0
      for (let k = 0; k < count; k++) loss += update(batch, k, k + 1)
      return loss / count
    },
    score,
    scoreAll: createScoreAll(score),
    compare(users, first, second, count, out) {
      checkUsers(spec, users, store.users, store.items)
      checkPairs(users, first, second, count, out, store.items)
      if (joint) compareJoint(scratch, users, first, second, count, out)
      else compareTotal(scratch, users, first, second, count, out)
    },
    tensors: () => tensorsOf(store),
    restore: (tensors, copied) => restoreStore(store, tensors, copied),
  }
}

/** Applies the summed gradients, as update t. */
function finish(scratch: Scratch, t: number): void {
  const { store, dense, denseLearns } = scratch
  for (const gradients of scratch.gradientList) gradients.apply(store, t)
  if (denseLearns) {
    updateDense(store.floats, store.layout, dense, t)
    dense.fill(0)
  }
  store.ints[store.layout.steps] = t
}

function scoreTotal(
  scratch: Scratch,
  users: UserBatch,
  items: Int32Array,
  out: Float32Array,
): void {
  for (let k = 0; k < users.count; k++) {
    readQuery(scratch, users, k)
    for (let x = 0; x < items.length; x++) {
      out[k * items.length + x] = itemScore(scratch, scratch.xs, items[x]!)
    }
  }
}

function compareTotal(
  scratch: Scratch,
  users: UserBatch,
  first: Int32Array,
  second: Int32Array,
  count: number,
  out: Float32Array,
): void {
  const { layout, floats } = scratch.store
  const bias = layout.shape.outputs > 0 ? floats[layout.outputBias]! : 0
  readQuery(scratch, users, 0)
  for (let x = 0; x < count; x++) {
    out[x] =
      itemScore(scratch, scratch.x1, first[x]!) - itemScore(scratch, scratch.x2, second[x]!) + bias
  }
}

function compareJoint(
  scratch: Scratch,
  users: UserBatch,
  first: Int32Array,
  second: Int32Array,
  count: number,
  out: Float32Array,
): void {
  readJoint(scratch, users, 0)
  for (let x = 0; x < count; x++) out[x] = jointLogit(scratch, first[x]!, second[x]!)
}
