// Which engine learns: the setting's name becomes the engine. The only place of the worker that knows them all.

import { createArraysEngine } from '../../adapters/arrays/engine.ts'
import { createWasmEngine } from '../../adapters/wasm/engine.ts'
import type { Config } from '../../config.ts'
import type { Engine } from '../../ports/engine.ts'

/** TensorFlow.js is loaded only when it is asked for: native where it is installed, else pure JavaScript. */
export async function openEngine({ engine }: Pick<Config, 'engine'>): Promise<Engine> {
  if (engine === 'arrays') return createArraysEngine()
  if (engine === 'wasm') return createWasmEngine(createArraysEngine())
  const { loadTensors } = await import('../../adapters/tfjs/load.ts')
  const { createTfjsEngine } = await import('../../adapters/tfjs/engine.ts')
  return createTfjsEngine(await loadTensors('auto', {}))
}
