// The only file that loads TensorFlow.js, and only when it is asked for, since its packages are optional: pure
// JavaScript always, native TensorFlow where @tensorflow/tfjs-node has its library (npm run tensorflow).

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

/** The library reads these when it loads. Small steps gain nothing from one thread per core. */
const THREADS = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']

/**
 * `auto` takes native TensorFlow if it loads, and pure JavaScript otherwise. `env` is where the library looks for its
 * number of threads (process.env of the process).
 * @throws Failure SETTINGS_INVALID if @tensorflow/tfjs is not installed, or, with `native`, if native TensorFlow does
 * not load
 */
export async function loadTensors(
  want: 'auto' | 'pure' | 'native',
  env: Record<string, string | undefined>,
): Promise<Loaded> {
  const tf = await loadPure()
  if (want !== 'pure') {
    setThreads(env)
    restoreRemovedFunctions()
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

/** Sets what native TensorFlow reads when it loads. A worker thread has a copy of it: call this before it starts. */
export function setThreads(env: Record<string, string | undefined>): void {
  for (const name of THREADS) env[name] ??= '1'
  env.TF_CPP_MIN_LOG_LEVEL ??= '2'
}

async function loadPure(): Promise<Tensors> {
  const { default: tf } = await import('@tensorflow/tfjs').catch((error: unknown) => {
    if (!isMissing(error, '@tensorflow/tfjs')) throw error
    throw new Failure(
      'SETTINGS_INVALID',
      '--engine tfjs needs the package @tensorflow/tfjs, which is not installed: npm install @tensorflow/tfjs',
    )
  })
  // Otherwise the first tensor prints an advertisement to standard output, where lists may go.
  tf.env().set('IS_TEST', true)
  return tf
}

/** Whether the package itself cannot be found, rather than something that it needs. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`)
}

/** Why native TensorFlow is not available, or undefined once its backend is set. */
async function loadNative(tf: Tensors): Promise<string | undefined> {
  try {
    await import('@tensorflow/tfjs-node')
  } catch (error) {
    return error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
  }
  return (await tf.setBackend('tensorflow')) ? undefined : 'its backend did not start'
}

/** tfjs-node 4.22.0 calls functions that Node 23 removed from node:util. */
function restoreRemovedFunctions(): void {
  const old: Record<string, unknown> = util as unknown as Record<string, unknown>
  old.isNullOrUndefined ??= (x: unknown) => x === null || x === undefined
  old.isArray ??= Array.isArray
}
