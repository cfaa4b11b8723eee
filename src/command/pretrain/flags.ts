// The flags of `pretrain` that are not settings, read with all faults at once.

import { Failure } from '../../errors.ts'

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
  const faults: string[] = []
  const number = (
    name: string,
    text: string,
    low: number,
    high: number,
    whole: boolean,
  ): number => {
    const value = Number(text)
    const holds = text.trim() !== '' && value >= low && value <= high
    if (!holds || (whole && !Number.isInteger(value))) {
      faults.push(
        `--${name} is ${text}, expected a ${whole ? 'whole ' : ''}number ${low} … ${high}`,
      )
    }
    return value
  }
  const asked = {
    data: flags.data,
    passes: number('passes', flags.passes, 0, 1_000, true),
    alpha: number('alpha', flags.alpha, 0, 1, false),
    epochs: number('epochs', flags.epochs, 1, 10_000, true),
    patience: number('patience', flags.patience, 1, 10_000, true),
    fresh: flags.fresh === true,
    json: flags.json === true,
  }
  if (faults.length > 0) {
    throw new Failure('SETTINGS_INVALID', `flags refused:\n  ${faults.join('\n  ')}`)
  }
  return asked
}
