// What may be read back.

import { setting } from './setting.ts'

export const checkpoints = {
  checkpointBytesMax: setting.integer({
    env: 'NEUPR_CHECKPOINT_BYTES_MAX',
    default: 17_179_869_184,
    min: 1_048_576,
    max: 1_099_511_627_776,
    unit: 'bytes',
    help: 'a larger checkpoint is refused, so that a damaged or foreign file cannot fill the memory',
  }),
} as const
