// The flags of `pretrain` that are not settings, read with all faults at once.

import { createFlagReader } from '../flag-reader.ts'

/** As commander gives them: texts. */
export interface PretrainFlags {
  readonly data: string
  readonly passes: string
  readonly alpha: string
  readonly epochs: string
  readonly patience: string
  readonly fresh?: boolean
  readonly json?: boolean
}

/** @throws Failure SETTINGS_INVALID with every fault. */
export function readPretrainFlags(flags: PretrainFlags) {
  const flag = createFlagReader()
  const asked = {
    data: flags.data,
    passes: flag.whole('passes', flags.passes, 0, 1_000),
    alpha: flag.number('alpha', flags.alpha, 0, 1),
    epochs: flag.whole('epochs', flags.epochs, 1, 10_000),
    patience: flag.whole('patience', flags.patience, 1, 10_000),
    fresh: flags.fresh === true,
    json: flags.json === true,
  }
  flag.check()
  return asked
}
