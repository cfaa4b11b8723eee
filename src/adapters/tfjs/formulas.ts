// The models in tensor algebra, with the paper's equation numbers. Forward pass and loss only: derivatives come from
// automatic differentiation. Nothing here reads or writes the flat buffer.
//
// Symbols: B blocks, w columns of a block, N users (or draws), P pairs of items, p user vectors (N, B·w), x the query
// (N, Q), V item rows, z(u,a,b) logits (P), h the features of the tower.

import type * as tfjs from '@tensorflow/tfjs'
import type { Shape } from '../../learn/network/spec.ts'
import type { NetworkSpec } from '../../ports/engine.ts'
import type { Tensors } from './load.ts'

type T = tfjs.Tensor
type T2 = tfjs.Tensor2D

/** Gathered rows by table name, and the parts of the dense weights by theirs. */
export type Parameters = Readonly<Record<string, T2>>

export interface Users {
  /** The query that items are scored by. */
  readonly x: T2
  /** DNCR's user vector, for the joint tower. */
  readonly p: T2 | undefined
}

export type Formulas = ReturnType<typeof createFormulas>

export function createFormulas(tf: Tensors, spec: NetworkSpec, shape: Shape) {
  const tower = createTower(tf, shape)
  return {
    ...userFormulas(tf, spec, shape, tower),
    ...itemFormulas(tf, spec, shape, tower),
    loss: lossFormula(tf),
  }
}

type Tower = (given: Parameters, input: T2) => T2

/** eqs. 17, 18, 22: h_l = tanh(W_l·h_{l-1} + b_l); the last layer of a user tower is linear. */
function createTower(tf: Tensors, { layers }: Shape): Tower {
  return (given, input) =>
    layers.reduce((h, { linear }, l) => {
      const product = tf.matMul(h, given[`tower.${l + 1}.weight`]!, false, true)
      const sum = tf.add(product, given[`tower.${l + 1}.bias`]!)
      return (linear ? sum : tf.tanh(sum)) as T2
    }, input)
}

function userFormulas(tf: Tensors, spec: NetworkSpec, shape: Shape, tower: Tower) {
  const source = spec.users === 'rows' ? 'user' : 'context'
  const { factors, hasN, hasD, joint, layers } = shape

  /** p = [p_1 … p_B], p_b = Σ_l weight_l · S_b[row_l] */
  function userVectors(rows: T2, weights: readonly T2[], width: number): T2 {
    const ps = weights.map((weight, b) =>
      tf.matMul(weight, tf.slice(rows, [0, b * width], [-1, width])),
    )
    return tf.concat(ps, 1) as T2
  }

  /** x = [p of NBPR ; t], t = Σ_b p_b + tower([p_1 … p_B]) */
  function users(given: Parameters, weights: readonly T2[]): Users {
    const pN = hasN ? userVectors(given[`nbpr.${source}`]!, weights, factors) : undefined
    const pD = hasD ? userVectors(given[`dncr.${source}`]!, weights, shape.widthD) : undefined
    const parts: T2[] = pN ? [pN] : []
    if (pD && !joint) {
      const ps = weights.map((_, b) => tf.slice(pD, [0, b * factors], [-1, factors]))
      const sum = ps.reduce((total, p) => tf.add(total, p) as T2)
      parts.push(layers.length > 0 ? (tf.add(sum, tower(given, pD)) as T2) : sum)
    }
    const x = parts.length > 0 ? tf.concat(parts, 1) : tf.zeros([pD!.shape[0], 0])
    return { x: x as T2, p: joint ? pD : undefined }
  }

  return { users }
}

function itemFormulas(tf: Tensors, spec: NetworkSpec, shape: Shape, tower: Tower) {
  const { hasN, hasD, joint, query } = shape

  /** The columns of V that the query is multiplied by: [V of NBPR ; V of DNCR's user tower]. */
  function itemRows(given: Parameters): T2 | undefined {
    const parts = hasN ? [given['nbpr.item']!] : []
    if (hasD && !joint) parts.push(given['dncr.item']!)
    return parts.length > 0 ? (tf.concat(parts, 1) as T2) : undefined
  }

  /** s(u,i) of every user and item, (N, items): eq. 20, or x·V + b with `output: 'ones'`. */
  function scores(given: Parameters, user: Users): T2 {
    const items = itemRows(given)!
    if (spec.output === 'ones') {
      const s = tf.matMul(user.x, items, false, true)
      return (spec.itemBias ? tf.add(s, tf.transpose(given['item.bias']!)) : s) as T2
    }
    const w = given['output.weight']!
    const w1 = tf.slice(w, [0, 0], [1, query])
    const w2 = tf.slice(w, [0, query], [1, query])
    return tf.matMul(tf.mul(user.x, tf.add(w1, w2)) as T2, items, false, true)
  }

  /** z(u,a,b) for P pairs: the line of the user, and the positions of items a and b among the gathered rows. */
  function logits(given: Parameters, user: Users, line: T, a: T, b: T): T {
    const at = (rows: T2, index: T) => tf.gather(rows, index as tfjs.Tensor1D) as T2
    const items = itemRows(given)
    const parts: T2[] = []
    if (items) {
      const x = at(user.x, line)
      // eq. 16: [x ⊙ V_a ; -x ⊙ V_b]
      parts.push(tf.mul(x, at(items, a)) as T2, tf.neg(tf.mul(x, at(items, b))) as T2)
    }
    if (spec.output === 'ones') {
      const z = tf.sum(tf.concat(parts, 1), 1)
      if (!spec.itemBias) return z
      const bias = given['item.bias']!
      return tf.add(z, tf.squeeze(tf.sub(at(bias, a), at(bias, b)), [1]))
    }
    if (joint) {
      // eq. 21: [p ; V_a ; -V_b]
      const rows = given['dncr.item']!
      const input = tf.concat([at(user.p!, line), at(rows, a), tf.neg(at(rows, b))], 1)
      parts.push(tower(given, input as T2))
    }
    // eqs. 19, 23, 25: one output layer over the features of both halves
    const features = tf.concat(parts, 1) as T2
    const z = tf.matMul(features, given['output.weight']!, false, true)
    return tf.squeeze(tf.add(z, given['output.bias']!), [1])
  }

  return { scores, logits }
}

/** Σ direct·softplus(-z(u,i,j)) + mirrored·softplus(z(u,j,i)): -log σ as a function of the logit. */
function lossFormula(tf: Tensors) {
  return (direct: T, mirrored: T, z: T, mirror: T): tfjs.Scalar => {
    const ofDirect = tf.mul(direct, tf.softplus(tf.neg(z)))
    const ofMirrored = tf.mul(mirrored, tf.softplus(mirror))
    return tf.sum(tf.add(ofDirect, ofMirrored))
  }
}
