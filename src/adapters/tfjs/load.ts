// The only place that loads TensorFlow.js: pure JavaScript always, native TensorFlow where
// @tensorflow/tfjs-node has its library (npm run tensorflow). Says what it took and why.

import util from 'node:util'
import type * as tfjs from '@tensorflow/tfjs'
import { Failure } from '../../errors.ts'

export type Tensors = typeof tfjs.default

export interface Loaded {
  readonly tf: Tensors
  /** `tfjs-cpu` or `tensorflow`: the engine's name. */
  readonly name: string
  /** For the log: what was taken, and why not the other. */
  readonly note: string
}

/** Small steps gain nothing from a pool of threads per core; the library reads these when it loads. */
const THREADS = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']

/**
 * `auto` takes native TensorFlow if it loads, else pure JavaScript; `native` throws SETTINGS_INVALID if
 * it does not. `env` is where the library looks for its number of threads (process.env of the process).
 */
export async function loadTensors(
  want: 'auto' | 'pure' | 'native',
  env: Record<string, string | undefined>,
): Promise<Loaded> {
  const tf = await loadPure()
  if (want !== 'pure') {
    setThreads(env)
    bringBack()
    const fault = await loadNative(tf)
    if (fault === undefined) return { tf, name: 'tensorflow', note: 'native TensorFlow' }
    if (want === 'native') {
      throw new Failure(
        'SETTINGS_INVALID',
        `expected native TensorFlow, got: ${fault}; run npm run tensorflow`,
      )
    }
    await tf.setBackend('cpu')
    return { tf, name: 'tfjs-cpu', note: `pure JavaScript; native TensorFlow: ${fault}` }
  }
  await tf.setBackend('cpu')
  return { tf, name: 'tfjs-cpu', note: 'pure JavaScript, as asked' }
}

/** Sets what native TensorFlow reads when it loads. A worker thread has only a copy: call this before it starts. */
export function setThreads(env: Record<string, string | undefined>): void {
  for (const name of THREADS) env[name] ??= '1'
  env.TF_CPP_MIN_LOG_LEVEL ??= '2'
}

async function loadPure(): Promise<Tensors> {
  const { default: tf } = await import('@tensorflow/tfjs')
  // Else the first tensor prints an advertisement to standard output, where lists may go.
  tf.env().set('IS_TEST', true)
  return tf
}

/** Why native TensorFlow cannot be had, or undefined once its backend is set. */
async function loadNative(tf: Tensors): Promise<string | undefined> {
  try {
    await import('@tensorflow/tfjs-node')
  } catch (error) {
    return error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
  }
  return (await tf.setBackend('tensorflow')) ? undefined : 'its backend did not start'
}

/** tfjs-node 4.22.0 calls functions that Node 23 took out of node:util. */
function bringBack(): void {
  const old: Record<string, unknown> = util as unknown as Record<string, unknown>
  old.isNullOrUndefined ??= (x: unknown) => x === null || x === undefined
  old.isArray ??= Array.isArray
}
