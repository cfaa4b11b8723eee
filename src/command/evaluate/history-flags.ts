// The flags of `evaluate` that say how a history is read and how it is learned.

import { type Command, Option } from 'commander'
import { type LearningWay, learningWays } from '../../lab/networks/network-spec.ts'
import type { ModelOptions } from '../../lab/offline/offline-model.ts'
import type { HistoryBlock } from '../../ports/engine.ts'
import type { FlagReader } from '../flag-reader.ts'

/** As commander gives them: texts. */
export interface HistoryFlags {
  readonly learning: LearningWay
  readonly blocks?: string
  readonly dropout?: string
  readonly decay?: string
  readonly averaged?: string
}

export function addHistoryOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--learning <way>', 'history: learn many windows at once, or draw after draw')
        .choices(learningWays)
        .default('windows'),
    )
    .option('--blocks <list>', 'history: long:LENGTH, short:LENGTH:DECAY, time:LENGTH:SECONDS, …')
    .option('--dropout <shares>', 'windows: shares dropped of items, query and tower input')
    .option('--decay <number>', 'windows: weight decay, multiplied by the rate')
    .option(
      '--averaged <steps>',
      'windows: average the weights of this many steps; 1: only the last',
    )
}

type HistoryOptions = Pick<ModelOptions, 'learning' | 'blocks' | 'dropout' | 'decay' | 'averaged'>

/** Faults are told to `flag`. */
export function readHistoryFlags(flags: HistoryFlags, flag: FlagReader): HistoryOptions {
  const { blocks, dropout, decay, averaged } = flags
  return {
    learning: flags.learning,
    ...(blocks === undefined ? {} : { blocks: readBlocks(blocks, flag) }),
    ...(dropout === undefined ? {} : { dropout: readDropout(dropout, flag) }),
    ...(decay === undefined ? {} : { decay: flag.number('decay', decay, 0, 10) }),
    ...(averaged === undefined ? {} : { averaged: flag.number('averaged', averaged, 1, 1e6) }),
  }
}

function readDropout(text: string, flag: FlagReader): [number, number, number] {
  const shares = text.split(',').map((share) => flag.number('dropout', share, 0, 0.9))
  const [items, query, tower, ...more] = shares
  if (items === undefined || query === undefined || tower === undefined || more.length > 0) {
    flag.fault(`--dropout is ${text}, expected three shares: items, query, tower`)
  }
  return [items ?? 0, query ?? 0, tower ?? 0]
}

/** Each block is scaled by the root of its mass (power .5), the worker's way. */
function readBlocks(text: string, flag: FlagReader): HistoryBlock[] {
  return text.split(',').flatMap((part): HistoryBlock[] => {
    const [kind, length, shape, ...more] = part.trim().split(':')
    const base = { length: Number(length), power: 0.5 }
    const fits = Number.isInteger(base.length) && base.length >= 1 && base.length <= 10_000
    const third = Number(shape)
    if (fits && kind === 'long' && shape === undefined) return [{ kind, ...base }]
    const shaped = fits && more.length === 0 && third > 0
    if (shaped && kind === 'short' && third <= 1) return [{ kind, ...base, decay: third }]
    if (shaped && kind === 'time' && third < 1e9) return [{ kind, ...base, seconds: third }]
    flag.fault(
      `--blocks names ${part}, expected long:LENGTH, short:LENGTH:DECAY (to 1) or time:LENGTH:SECONDS`,
    )
    return []
  })
}
