// Which engine learns: the setting's name becomes the engine. The only place of the worker that knows them all, for
// the process and for the trainer's thread alike.

import { createArraysEngine } from '../../adapters/arrays/engine.ts'
import { loadTensors, setThreads } from '../../adapters/tfjs/load.ts'
import { createWasmEngine } from '../../adapters/wasm/engine.ts'
import type { Config } from '../../config.ts'
import type { Engine } from '../../ports/engine.ts'

type Environment = Record<string, string | undefined>

export interface OpenedEngine {
  readonly engine: Engine
  /** For the log: what was taken, and why not another. */
  readonly note: string
}

/** Native libraries read the environment of the process when they load: to be called before a thread starts. */
export function prepareEngine({ engine }: Pick<Config, 'engine'>, env: Environment): void {
  if (engine === 'tfjs') setThreads(env)
}

/** TensorFlow.js is loaded only when it is asked for: native where it is installed, else pure JavaScript. */
export async function openEngine({ engine }: Pick<Config, 'engine'>): Promise<OpenedEngine> {
  if (engine === 'arrays') return { engine: createArraysEngine(), note: 'plain loops' }
  if (engine === 'wasm') {
    return { engine: createWasmEngine(), note: 'WebAssembly' }
  }
  const { createTfjsEngine } = await import('../../adapters/tfjs/engine.ts')
  // What native TensorFlow reads from the environment is set by prepareEngine; here it would be too late.
  const { tf, name, note } = await loadTensors('auto', {})
  return { engine: createTfjsEngine({ tf, name }), note }
}
