// One update of the reference: chooses the negatives, differentiates, and hands the gradients to the optimizers.
//
// Symbols: i the positive, j the chosen negative of a question (the q-th of a draw), both as positions among the
// gathered item rows; a line is the position of a draw among the draws of this update.

import type * as tfjs from '@tensorflow/tfjs'
import type { SourceReader } from '../../learn/network/history-rows.ts'
import { updateDense } from '../../learn/network/rows.ts'
import type { Store } from '../../learn/network/store.ts'
import type { DrawBatch } from '../../ports/engine.ts'
import type { Formulas, Parameters } from './formulas.ts'
import { catchUp, drawsToLearn, gatherRows, gatherSources, itemsOf } from './gather.ts'
import type { Tensors } from './load.ts'
import { updateRows } from './update.ts'

type T2 = tfjs.Tensor2D

export interface Reference {
  readonly tf: Tensors
  readonly store: Store
  readonly reader: SourceReader
  readonly formulas: Formulas
}

interface Pair {
  readonly line: number
  readonly i: number
  readonly j: number
  readonly q: number
}

/** Gathered rows and dense weights as tensors, by name. */
export function parameters(
  { tf, store }: Reference,
  sources: readonly number[],
  items: readonly number[],
): Parameters {
  const { tables, sourceN, sourceD, dense } = store.layout
  const given: Record<string, T2> = {}
  for (const table of tables) {
    const rows = table === sourceN || table === sourceD ? sources : items
    given[table.name] = tf.tensor2d(gatherRows(store, table, rows), [rows.length, table.columns])
  }
  for (const { name, offset, rows, columns } of dense.pieces) {
    given[name] = tf.tensor2d(store.floats.slice(offset, offset + rows * columns), [rows, columns])
  }
  return given
}

export function matrices(tf: Tensors, weights: readonly Float32Array[], lines: number): T2[] {
  return weights.map((matrix) => tf.tensor2d(matrix, [lines, matrix.length / lines]))
}

/** One update from the mean gradient of draws from … to-1; returns the sum of their losses. */
export function learnDraws(net: Reference, batch: DrawBatch, from: number, to: number): number {
  const ks = drawsToLearn(batch, from, to)
  if (ks.length === 0) return 0
  const { tf, store } = net
  const { layout } = store
  const sources = gatherSources(net.reader, batch, ks, layout.shape.blocks)
  const items = itemsOf(batch, ks)
  for (const table of layout.tables) {
    const isSource = table === layout.sourceN || table === layout.sourceD
    catchUp(store, table, isSource ? sources.rows : items)
  }
  const t = store.ints[layout.steps]! + 1
  return tf.tidy(() => {
    const given = parameters(net, sources.rows, items)
    const weights = matrices(tf, sources.weights, ks.length)
    const pairs = choose(net, given, weights, batch, ks, items)
    const { loss, gradients } = differentiate(net, given, weights, batch, pairs, to - from)
    updateRows(store, gradients, { sources, items, pairs }, t)
    const dense = new Float64Array(layout.dense.length)
    for (const { name, offset } of layout.dense.pieces) {
      dense.set(gradients.get(name)!, offset - layout.dense.offset)
    }
    updateDense(store.floats, layout, dense, t)
    store.ints[layout.steps] = t
    return loss * (to - from)
  })
}

/** The hardest candidate of each question. Questions without a candidate are left out. */
function choose(
  { tf, store, formulas }: Reference,
  given: Parameters,
  weights: readonly T2[],
  batch: DrawBatch,
  ks: readonly number[],
  items: readonly number[],
): Pair[] {
  const { negatives, choices } = batch
  const placeOf = new Map(items.map((item, place) => [item, place]))
  const questions = ks.flatMap((k, line) =>
    Array.from({ length: negatives }, (_, q) => {
      const from = (k * negatives + q) * choices
      const i = placeOf.get(batch.positives[k]!)!
      return [...batch.candidates.subarray(from, from + choices)]
        .filter((j) => j >= 0)
        .map((j): Pair => ({ line, q, i, j: placeOf.get(j)! }))
    }),
  )
  const asked = questions.flat()
  const user = formulas.users(given, weights)
  let hardness: ArrayLike<number>
  if (store.layout.shape.joint) {
    const { lines, is, js } = indices(tf, asked)
    hardness = tf.neg(formulas.logits(given, user, lines, is, js)).dataSync()
  } else {
    const scores = formulas.scores(given, user).dataSync()
    hardness = asked.map(({ line, j }) => scores[line * items.length + j]!)
  }
  let next = 0
  return questions.flatMap((question) => {
    const first = next
    next += question.length
    let best = first
    for (let c = first; c < next; c++) if (hardness[c]! > hardness[best]!) best = c
    return question.length > 0 ? [asked[best]!] : []
  })
}

function indices(tf: Tensors, pairs: readonly Pair[]) {
  const index = (of: (pair: Pair) => number) => tf.tensor1d(pairs.map(of), 'int32')
  return { lines: index(({ line }) => line), is: index(({ i }) => i), js: index(({ j }) => j) }
}

/** The loss, and its gradient by every gathered row and dense weight. */
function differentiate(
  { tf, formulas }: Reference,
  given: Parameters,
  weights: readonly T2[],
  batch: DrawBatch,
  pairs: readonly Pair[],
  draws: number,
) {
  const { lines, is, js } = indices(tf, pairs)
  const direct = tf.tensor1d(pairs.map(({ q }) => batch.direct[q]! / draws))
  const mirrored = tf.tensor1d(pairs.map(({ q }) => batch.mirrored[q]! / draws))
  const names = Object.keys(given)
  const meanLoss = (...tensors: tfjs.Tensor[]) => {
    const now: Parameters = Object.fromEntries(names.map((name, n) => [name, tensors[n] as T2]))
    const user = formulas.users(now, weights)
    const z = formulas.logits(now, user, lines, is, js)
    return formulas.loss(direct, mirrored, z, formulas.logits(now, user, lines, js, is))
  }
  const { value, grads } = tf.valueAndGrads(meanLoss)(names.map((name) => given[name]!))
  const gradients = new Map(names.map((name, n) => [name, grads[n]!.dataSync()]))
  return { loss: value.dataSync()[0]!, gradients }
}
