// What may be read back.

import { setting } from './setting.ts'

export const checkpoints = {
  checkpointBytesMax: setting.integer({
    env: 'NEUPR_CHECKPOINT_BYTES_MAX',
    default: 17_179_869_184,
    min: 1_048_576,
    max: 1_099_511_627_776,
    unit: 'bytes',
    help: 'a larger checkpoint is refused: what a strange file may take of the memory',
  }),
} as const
