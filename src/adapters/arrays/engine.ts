// The engine of plain typed-array loops with derived gradients: what the worker runs on without
// WebAssembly. The reference it must agree with is adapters/tfjs/engine.ts.

import { checkDraws, checkUsers, wantIds, wantLength } from '../../learn/network/check-batch.ts'
import { updateDense } from '../../learn/network/optimizers.ts'
import { createScoreAll } from '../../learn/network/score-all.ts'
import { checkSpec } from '../../learn/network/spec.ts'
import { createStore, growStore, restoreStore, tensorsOf } from '../../learn/network/store.ts'
import type { DrawBatch, Engine, Network, NetworkSpec, UserBatch } from '../../ports/engine.ts'
import { createChosen } from './chosen-items.ts'
import { jointLogit, learnJoint, readJoint } from './joint-tower.ts'
import { learnTotal } from './learn-draw.ts'
import { itemScore, readQuery } from './query.ts'
import { type Core, createCore, growCore, settleDraw } from './scratch.ts'

export function createArraysEngine(): Engine {
  return { name: 'arrays', create: createNetwork }
}

function createNetwork(spec: NetworkSpec, seed: number): Network {
  checkSpec(spec)
  const store = createStore(spec, seed)
  const core = createCore(store)
  const chosen = createChosen()
  const { layout } = store
  const { joint } = layout.shape
  const settles = layout.tables.some((table) => table.isAdam)

  /** Draws from … to-1 in one update. With a single draw its rows can be updated at once. */
  function update(batch: DrawBatch, from: number, to: number): number {
    const t = store.ints[layout.steps]! + 1
    const now = to - from === 1
    if (settles) for (let k = from; k < to; k++) settleDraw(core, batch, k)
    let loss = 0
    let learned = 0
    const scale = 1 / (to - from)
    for (let k = from; k < to; k++) {
      const drawn = joint
        ? learnJoint(core, chosen, batch, k, scale)
        : learnTotal(core, chosen, batch, k, scale, now, t)
      if (Number.isNaN(drawn)) continue
      loss += drawn
      learned++
    }
    if (learned > 0) finish(core, t)
    return loss
  }

  function score(users: UserBatch, items: Int32Array, out: Float32Array): void {
    checkUsers(spec, users, store.users, store.items)
    wantIds('items', items, 0, items.length, 0, store.items)
    wantLength('out', out, users.count * items.length)
    if (joint) throw new RangeError('a joint tower has no scores, only comparisons')
    scoreTotal(core, users, items, out)
  }

  return {
    spec,
    grow(users, items) {
      growStore(store, seed, users, items)
      growCore(core)
    },
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
      if (users.count < 1) throw new RangeError('compare needs a user; users.count is 0')
      wantLength('out', out, count)
      wantLength('first', first, count)
      wantLength('second', second, count)
      wantIds('first', first, 0, count, 0, store.items)
      wantIds('second', second, 0, count, 0, store.items)
      if (joint) compareJoint(core, users, first, second, count, out)
      else compareTotal(core, users, first, second, count, out)
    },
    tensors: () => tensorsOf(store),
    restore: (tensors) => restoreStore(store, tensors),
  }
}

/** Applies what was summed, as update t. */
function finish(core: Core, t: number): void {
  const { store, dense, denseLearns } = core
  for (const gradients of core.gradientList) gradients.apply(store, t)
  if (denseLearns) {
    updateDense(store.floats, store.layout, dense, t)
    dense.fill(0)
  }
  store.ints[store.layout.steps] = t
}

function scoreTotal(core: Core, users: UserBatch, items: Int32Array, out: Float32Array): void {
  for (let k = 0; k < users.count; k++) {
    readQuery(core, users, k)
    for (let x = 0; x < items.length; x++) {
      out[k * items.length + x] = itemScore(core, core.xs, items[x]!)
    }
  }
}

function compareTotal(
  core: Core,
  users: UserBatch,
  first: Int32Array,
  second: Int32Array,
  count: number,
  out: Float32Array,
): void {
  const { layout, floats } = core.store
  const bias = layout.shape.outputs > 0 ? floats[layout.outputBias]! : 0
  readQuery(core, users, 0)
  for (let x = 0; x < count; x++) {
    out[x] = itemScore(core, core.x1, first[x]!) - itemScore(core, core.x2, second[x]!) + bias
  }
}

function compareJoint(
  core: Core,
  users: UserBatch,
  first: Int32Array,
  second: Int32Array,
  count: number,
  out: Float32Array,
): void {
  readJoint(core, users, 0)
  for (let x = 0; x < count; x++) out[x] = jointLogit(core, first[x]!, second[x]!)
}
