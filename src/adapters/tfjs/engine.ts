// The readable reference: the models in tensor algebra, with gradients by automatic differentiation for the gathered
// rows and the dense weights. The touched rows are updated by the shared optimizers. It is not fast enough to learn
// event by event. It takes the tensor library as an argument (load.ts).

import {
  checkDraws,
  checkPairs,
  checkUsers,
  wantIds,
  wantLength,
} from '../../learn/network/check-batch.ts'
import { createSourceReader } from '../../learn/network/history-rows.ts'
import { createScoreAll } from '../../learn/network/score-all.ts'
import { checkSpec } from '../../learn/network/spec.ts'
import {
  createStore,
  growStore,
  renewRows,
  restoreStore,
  tensorsOf,
} from '../../learn/network/store.ts'
import type { Engine, Network, NetworkSpec, UserBatch } from '../../ports/engine.ts'
import { createFormulas } from './formulas.ts'
import { gatherSources } from './gather.ts'
import { learnDraws, matrices, parameters, type Reference } from './learn.ts'
import type { Loaded, Tensors } from './load.ts'

export function createTfjsEngine({ tf, name }: Pick<Loaded, 'tf' | 'name'>): Engine {
  return { name, create: (spec, seed) => createNetwork(tf, spec, seed) }
}

function createNetwork(tf: Tensors, spec: NetworkSpec, seed: number): Network {
  checkSpec(spec)
  const store = createStore(spec, seed)
  const { layout } = store
  const reader = createSourceReader(spec)
  const net: Reference = { tf, store, reader, formulas: createFormulas(tf, spec, layout.shape) }
  function scoreChecked(users: UserBatch, items: Int32Array, out: Float32Array): void {
    checkUsers(spec, users, store.users, store.items)
    wantIds('items', items, 0, items.length, 0, store.items)
    wantLength('out', out, users.count * items.length)
    if (layout.shape.joint) {
      throw new RangeError('a joint tower has no scores, only comparisons')
    }
    if (users.count > 0 && items.length > 0) score(net, users, items, out)
  }

  return {
    spec,
    grow(users, items, restored) {
      growStore(store, seed, users, items, restored)
      reader.grow((layout.sourceN ?? layout.sourceD)!.rows)
    },
    renew: (of, ids) => renewRows(store, seed, of, ids),
    step(batch, updates) {
      checkDraws(spec, batch, store.users, store.items)
      const { count } = batch
      if (count === 0) return 0
      if (updates === 'together') return learnDraws(net, batch, 0, count) / count
      let loss = 0
      for (let k = 0; k < count; k++) loss += learnDraws(net, batch, k, k + 1)
      return loss / count
    },
    score: scoreChecked,
    scoreAll: createScoreAll(scoreChecked),
    compare(users, first, second, count, out) {
      checkUsers(spec, users, store.users, store.items)
      checkPairs(users, first, second, count, out, store.items)
      if (count > 0) compare(net, users, first.slice(0, count), second.slice(0, count), out)
    },
    tensors: () => tensorsOf(store),
    restore: (tensors, copied) => restoreStore(store, tensors, copied),
  }
}

function score(net: Reference, users: UserBatch, items: Int32Array, out: Float32Array): void {
  const { tf, store, reader, formulas } = net
  const ks = Array.from({ length: users.count }, (_, k) => k)
  const sources = gatherSources(reader, users, ks, store.layout.shape.blocks)
  tf.tidy(() => {
    const given = parameters(net, sources.rows, [...items])
    const user = formulas.users(given, matrices(tf, sources.weights, ks.length))
    out.set(formulas.scores(given, user).dataSync())
  })
}

function compare(
  net: Reference,
  users: UserBatch,
  first: Int32Array,
  second: Int32Array,
  out: Float32Array,
): void {
  const { tf, store, reader, formulas } = net
  const sources = gatherSources(reader, users, [0], store.layout.shape.blocks)
  const items = [...new Set([...first, ...second])]
  const placeOf = new Map(items.map((item, place) => [item, place]))
  const places = (ids: Int32Array) =>
    tf.tensor1d(
      ids.map((id) => placeOf.get(id)!),
      'int32',
    )
  tf.tidy(() => {
    const given = parameters(net, sources.rows, items)
    const user = formulas.users(given, matrices(tf, sources.weights, 1))
    const lines = tf.zeros([first.length], 'int32')
    out.set(formulas.logits(given, user, lines, places(first), places(second)).dataSync())
  })
}
