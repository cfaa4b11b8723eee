// The flags of `evaluate`, read with all faults at once.

import { type Command, Option } from 'commander'
import { offlineParts } from '../../lab/networks/network-spec.ts'
import { type ModelName, modelNames } from '../../lab/offline/models.ts'
import type { OfflineRequest } from '../../lab/offline/run.ts'
import { createFlagReader, type FlagReader } from '../flag-reader.ts'
import { addKernelOptions, type KernelFlags } from '../kernel-flags.ts'
import { addReadingSettings } from '../reading-flags.ts'
import { addHistoryOptions, type HistoryFlags, readHistoryFlags } from './history-flags.ts'

/** As commander gives them: texts. */
export interface EvaluateFlags extends HistoryFlags, KernelFlags {
  readonly data: string
  readonly protocol: 'ncr' | 'ncf'
  readonly negatives?: string
  readonly model: string
  readonly parts: (typeof offlineParts)[number]
  readonly history: 'without' | 'with' | 'both'
  readonly factors: string
  readonly seeds: string
  readonly drawSeed: string
  readonly minimum: string
  readonly patience: string
  readonly fullUsers: string
  readonly epochs?: string
  readonly depth?: string
  readonly rate?: string
  readonly ratio?: string
  readonly batch?: string
  readonly lambda?: string
  readonly alpha?: string
  readonly json?: boolean
}

export function addEvaluateOptions(command: Command): Command {
  const one = (flags: string, text: string, choices: readonly string[], standard: string): Option =>
    new Option(flags, text).choices(choices).default(standard)
  command
    .requiredOption(
      '--data <file>',
      'log to split: TSV, CSV, `::` or JSON, plain, gzip or zstd; - for standard input',
    )
    .addOption(
      one(
        '--protocol <name>',
        'ncr: leave-one-out with drawn negatives; ncf: held-out items from a file',
        ['ncr', 'ncf'],
        'ncr',
      ),
    )
    .option(
      '--negatives <number|file>',
      'ncr: how many to draw per user (100); ncf: the file that lists them',
    )
    .option('--model <names>', `some of ${modelNames.join(',')}, or all`, 'itempop,ease,neupr')
    .addOption(
      one('--parts <name>', 'what a user is in nbpr, dncr and neupr', offlineParts, 'history'),
    )
    .addOption(
      one(
        '--history <which>',
        'whether the validation item is part of the history at the test',
        ['without', 'with', 'both'],
        'both',
      ),
    )
    .option('--factors <sizes>', 'numbers of factors; every one is run', '32')
    .option('--seeds <numbers>', 'seeds of the models; every one is run', '1')
    .option('--draw-seed <number>', 'seed for drawing the negatives', '2017')
    .option('--minimum <count>', 'ncr: leave out users and items with fewer events', '10')
    .option('--patience <epochs>', 'stop after this many epochs without a better validation', '5')
    .option(
      '--full-users <count>',
      'users whose whole catalogue is ranked by models that compare pairs',
      '1000',
    )
    .option('--epochs <count>', 'most epochs (each model has a default)')
    .option('--depth <layers>', 'layers of the tower, counting the input')
    .option('--rate <number>', 'learning rate')
    .option(
      '--ratio <count>',
      'negatives per positive; windows: negatives that a whole step shares',
    )
    .option('--batch <count>', 'instances (rows), windows or draws (history) per step')
    .option('--lambda <number>', 'regularisation of EASE')
    .option('--alpha <share>', 'pretrained: weight of NBPR in the union; DNCR gets the rest (0.5)')
  addKernelOptions(command)
  addHistoryOptions(command).option('--json', 'print an array of results instead of a table')
  return addReadingSettings(command)
}

export interface EvaluateOptions {
  readonly data: string
  readonly protocol: 'ncr' | 'ncf'
  readonly negatives: number
  readonly negativesFile: string
  readonly drawSeed: number
  readonly minimum: number
  readonly request: OfflineRequest
}

/** @throws Failure SETTINGS_INVALID with every fault. */
export function readEvaluateFlags(flags: EvaluateFlags): EvaluateOptions {
  const flag = createFlagReader()
  const isNcf = flags.protocol === 'ncf'
  if (isNcf && flags.negatives === undefined) {
    flag.fault('--protocol ncf needs --negatives <file>: user, item, time, rating, negatives …')
  }
  const seedMax = Number.MAX_SAFE_INTEGER
  const request: OfflineRequest = {
    models: readModels(flags.model, flag),
    parts: flags.parts,
    factors: flag.wholes('factors', flags.factors, 4, 256),
    seeds: flag.wholes('seeds', flags.seeds, 0, seedMax),
    validationInHistory: { without: [false], with: [true], both: [false, true] }[flags.history],
    patience: flag.whole('patience', flags.patience, 1, 10_000),
    fullUsersMax: flag.whole('full-users', flags.fullUsers, 1, 1e9),
    ...(flags.epochs === undefined
      ? {}
      : { epochs: flag.whole('epochs', flags.epochs, 1, 10_000) }),
    ...(flags.depth === undefined ? {} : { depth: flag.whole('depth', flags.depth, 1, 6) }),
    ...(flags.ratio === undefined ? {} : { ratio: flag.whole('ratio', flags.ratio, 1, 10_000) }),
    ...(flags.batch === undefined ? {} : { batch: flag.whole('batch', flags.batch, 1, 100_000) }),
    ...(flags.rate === undefined ? {} : { rate: flag.positive('rate', flags.rate) }),
    ...(flags.lambda === undefined ? {} : { lambda: flag.positive('lambda', flags.lambda) }),
    ...(flags.alpha === undefined ? {} : { alpha: flag.number('alpha', flags.alpha, 0, 1) }),
    ...readHistoryFlags(flags, flag),
  }
  const options = {
    data: flags.data,
    protocol: flags.protocol,
    negatives: isNcf ? 0 : flag.whole('negatives', flags.negatives ?? '100', 1, 100_000),
    negativesFile: flags.negatives ?? '',
    drawSeed: flag.whole('draw-seed', flags.drawSeed, 0, seedMax),
    minimum: flag.whole('minimum', flags.minimum, 1, 1e9),
    request,
  }
  flag.check()
  return options
}

function readModels(text: string, flag: FlagReader): readonly ModelName[] {
  if (text === 'all') return modelNames
  const names = text.split(',').map((name) => name.trim())
  for (const name of names) {
    if ((modelNames as readonly string[]).includes(name)) continue
    flag.fault(`--model names ${name}, expected some of ${modelNames.join(', ')}`)
  }
  return names as ModelName[]
}
