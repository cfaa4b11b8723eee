// The process around the worker, and what it writes and may read back.

import { setting } from './setting.ts'

export const processSettings = {
  checkpoints: setting.text({
    env: 'NEUPR_CHECKPOINTS',
    default: 'checkpoints',
    help: 'directory of the checkpoints',
  }),
  checkpointEverySeconds: setting.integer({
    env: 'NEUPR_CHECKPOINT_EVERY_SECONDS',
    default: 60,
    min: 1,
    max: 86_400,
    unit: 's',
    help: 'time between checkpoints; a crash loses at most this much learning',
  }),
  checkpointEveryEvents: setting.integer({
    env: 'NEUPR_CHECKPOINT_EVERY_EVENTS',
    default: 50_000,
    min: 100,
    max: 1_000_000_000,
    unit: 'events',
    help: 'events between checkpoints of a deterministic run',
  }),
  checkpointsKept: setting.integer({
    env: 'NEUPR_CHECKPOINTS_KEPT',
    default: 3,
    min: 2,
    max: 100,
    help: 'checkpoints that are kept, the newest ones',
  }),
  checkpointBytesMax: setting.integer({
    env: 'NEUPR_CHECKPOINT_BYTES_MAX',
    default: 17_179_869_184,
    min: 1_048_576,
    max: 1_099_511_627_776,
    unit: 'bytes',
    help: 'a larger checkpoint is refused, so that a damaged or foreign file cannot fill the memory',
  }),
  training: setting.flag({
    env: 'NEUPR_TRAINING',
    default: true,
    help: 'false: only keep the positive sets; nothing is learned and no list goes out',
  }),
  deterministic: setting.flag({
    env: 'NEUPR_DETERMINISTIC',
    default: false,
    help: 'one thread, turns counted in events: same input, seed and settings give the same bytes',
  }),
} as const
