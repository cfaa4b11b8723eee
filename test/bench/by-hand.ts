// The paper's NeuPR as a good engineer writes it on TensorFlow.js: rows are gathered, summed and updated in typed
// arrays, and only those that the batch touches; the tower's products, forward and backward, are TensorFlow's, without
// automatic differentiation. An opponent for benches, no engine: user rows, joint tower, mirrored pairs, Adam.
//
// Symbols: u, i, j the rows of a draw, z(u,i,j) its logit and z(u,j,i) its twin's, f factors.

import type { Tensors } from '../../src/adapters/tfjs/load.ts'
import type { DrawBatch, Network } from '../../src/ports/engine.ts'
import { adamAll, adamTouched, type Rows, rowsOf, type Weights } from './by-hand-adam.ts'

type Tensor2D = ReturnType<Tensors['tensor2d']>

/** A step like Network.step(batch, 'together') that starts from a copy of the network's state. */
export function createByHand(tf: Tensors, network: Network): (batch: DrawBatch) => number {
  const { name, factors: f, depth, rows, dense } = network.spec
  const state = network.tensors()
  const copy = (of: string) => Float32Array.from(state.get(`${name}/${of}`)!.data)
  const table = (of: string) => rowsOf(copy(of), state.get(`${name}/${of}`)!.shape[1]!)
  const usersN = table('nbpr.user')
  const itemsN = table('nbpr.item')
  const usersD = table('dncr.user')
  const itemsD = table('dncr.item')
  const weights = (of: string): Weights => {
    const values = copy(of)
    const { length } = values
    const fresh = () => new Float32Array(length)
    return { values, shape: state.get(`${name}/${of}`)!.shape, first: fresh(), second: fresh() }
  }
  const layers = Array.from({ length: depth - 1 }, (_, l) => ({
    weight: weights(`tower.${l + 1}.weight`),
    bias: weights(`tower.${l + 1}.bias`),
  }))
  const output = weights('output.weight')
  const outputBias = weights('output.bias')
  const inputs = 12 * f
  let x = new Float32Array(0)
  let zN = new Float32Array(0)
  let t = 0

  return (batch) => {
    const { count } = batch
    if (zN.length !== 2 * count) {
      x = new Float32Array(2 * count * inputs)
      zN = new Float32Array(2 * count)
    }
    gather(batch)
    const { p, dx, tower, hidden } = inTensors(count)
    let loss = 0
    for (let k = 0; k < count; k++) loss -= Math.log(p[k]!) + Math.log1p(-p[count + k]!)
    for (let k = 0; k < count; k++) p[k]! -= 1
    for (let k = 0; k < 2 * count; k++) p[k]! /= count
    const dOutput = new Float32Array(3 * f)
    dOutput.set(hidden, 2 * f)
    scatterN(batch, p, dOutput)
    scatterD(batch, dx)
    t++
    for (const one of [usersN, itemsN, usersD, itemsD]) adamTouched(one, rows.rate, t)
    layers.forEach(({ weight, bias }, l) => {
      adamAll(weight, tower[2 * l]!, dense.rate, t)
      adamAll(bias, tower[2 * l + 1]!, dense.rate, t)
    })
    adamAll(output, dOutput, dense.rate, t)
    adamAll(outputBias, [p.reduce((sum: number, dz: number) => sum + dz, 0)], dense.rate, t)
    return loss / count
  }

  /** x[k] = [u; i; -j], x[count+k] = [u; j; -i], and NBPR's share of both logits. */
  function gather({ count, userRows, positives, candidates }: DrawBatch): void {
    const w = output.values
    const D = 4 * f
    for (let k = 0; k < count; k++) {
      const [user, i, j] = [userRows[k]!, positives[k]!, candidates[k]!]
      let one = 0
      let twin = 0
      for (let d = 0; d < f; d++) {
        const u = usersN.values[user * f + d]!
        const a = u * itemsN.values[i * f + d]!
        const b = u * itemsN.values[j * f + d]!
        one += w[d]! * a - w[f + d]! * b
        twin += w[d]! * b - w[f + d]! * a
      }
      zN[k] = one
      zN[count + k] = twin
      const at = k * inputs
      const mirror = (count + k) * inputs
      for (let d = 0; d < D; d++) {
        const u = usersD.values[user * D + d]!
        const a = itemsD.values[i * D + d]!
        const b = itemsD.values[j * D + d]!
        x[at + d] = u
        x[at + D + d] = a
        x[at + 2 * D + d] = -b
        x[mirror + d] = u
        x[mirror + D + d] = b
        x[mirror + 2 * D + d] = -a
      }
    }
  }

  /** p = σ(z), and gradients: of x, of weights and biases layer by layer, of the output weights of the tower. */
  function inTensors(count: number) {
    const found = tf.tidy(() => {
      const ws = layers.map(({ weight }) => tf.tensor2d(weight.values, matrix(weight)))
      const acts: Tensor2D[] = [tf.tensor2d(x, [2 * count, inputs])]
      layers.forEach(({ bias }, l) => {
        const sum = tf.add(tf.matMul(acts[l]!, ws[l]!, false, true), tf.tensor1d(bias.values))
        acts.push(tf.tanh(sum) as Tensor2D)
      })
      const w = tf.tensor2d(output.values.slice(2 * f), [f, 1])
      const shift = tf.tensor2d(zN, [2 * count, 1])
      const z = tf.add(tf.add(tf.matMul(acts.at(-1)!, w), shift), outputBias.values[0]!)
      const p = tf.sigmoid(z)
      const label = tf.tensor2d(labels(count), [2 * count, 1])
      const dz = tf.mul(tf.sub(p, label), 1 / count) as Tensor2D
      const hidden = tf.matMul(acts.at(-1)!, dz, true)
      let back: Tensor2D = tf.matMul(dz, w, false, true)
      const tower: ReturnType<Tensors['sum']>[] = []
      for (let l = layers.length - 1; l >= 0; l--) {
        const h = acts[l + 1]!
        const ds = tf.mul(back, tf.sub(1, tf.mul(h, h))) as Tensor2D
        tower.unshift(tf.matMul(ds, acts[l]!, true), tf.sum(ds, 0))
        back = tf.matMul(ds, ws[l]!)
      }
      return [p, back, hidden, ...tower]
    })
    const [p, dx, hidden, ...tower] = found.map(
      (one: { dataSync(): unknown }) => one.dataSync() as Float32Array,
    )
    for (const one of found) one.dispose()
    return { p: p!.slice(), dx: dx!, hidden: hidden!, tower }
  }

  function scatterN(batch: DrawBatch, dz: Float32Array, dw: Float32Array): void {
    const w = output.values
    const { count } = batch
    for (let k = 0; k < count; k++) {
      const { user, i, j, du, di, dj } = places(batch, k, usersN, itemsN)
      const one = dz[k]!
      const twin = dz[count + k]!
      for (let d = 0; d < f; d++) {
        const u = usersN.values[user * f + d]!
        const a = itemsN.values[i * f + d]!
        const b = itemsN.values[j * f + d]!
        const first = w[d]!
        const second = w[f + d]!
        dw[d]! += u * (one * a + twin * b)
        dw[f + d]! -= u * (one * b + twin * a)
        usersN.gradient[du + d]! += one * (first * a - second * b) + twin * (first * b - second * a)
        itemsN.gradient[di + d]! += u * (one * first - twin * second)
        itemsN.gradient[dj + d]! += u * (twin * first - one * second)
      }
    }
  }

  function scatterD(batch: DrawBatch, dx: Float32Array): void {
    const D = 4 * f
    for (let k = 0; k < batch.count; k++) {
      const { du, di, dj } = places(batch, k, usersD, itemsD)
      const at = k * inputs
      const mirror = (batch.count + k) * inputs
      for (let d = 0; d < D; d++) {
        usersD.gradient[du + d]! += dx[at + d]! + dx[mirror + d]!
        itemsD.gradient[di + d]! += dx[at + D + d]! - dx[mirror + 2 * D + d]!
        itemsD.gradient[dj + d]! += dx[mirror + D + d]! - dx[at + 2 * D + d]!
      }
    }
  }
}

/** The rows of a draw and where their gradients are summed. */
function places({ userRows, positives, candidates }: DrawBatch, k: number, us: Rows, vs: Rows) {
  const [user, i, j] = [userRows[k]!, positives[k]!, candidates[k]!]
  return { user, i, j, du: us.touch(user), di: vs.touch(i), dj: vs.touch(j) }
}

function labels(count: number): Float32Array {
  return new Float32Array(2 * count).fill(1, 0, count)
}

function matrix({ shape }: Weights): [number, number] {
  return [shape[0]!, shape[1]!]
}
