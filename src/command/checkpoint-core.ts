// The model of a checkpoint, to be asked for lists. Claims nothing, learns nothing.

import { createWasmEngine } from '../adapters/wasm/engine.ts'
import type { Config } from '../config.ts'
import type { Checkpoint } from '../ports/checkpoint-store.ts'
import { type Core, createCore } from '../trainer/loop/core.ts'
import { itemFeedOf, modelSettingsOf } from '../trainer/loop/state.ts'

/** The model is made as the checkpoint says, whatever the settings are now. */
export function coreOfCheckpoint(checkpoint: Checkpoint, config: Config): Core {
  return createCore({
    config: { ...config, ...modelSettingsOf(checkpoint), items: itemFeedOf(checkpoint) },
    engine: createWasmEngine(),
    versionBase: 0,
    resume: checkpoint,
  })
}
