// The flags of `evaluate`, read with all faults at once.

import { type Command, Option } from 'commander'
import { Failure } from '../../errors.ts'
import { offlineParts } from '../../lab/networks/network-spec.ts'
import { type ModelName, modelNames } from '../../lab/offline/models.ts'
import type { OfflineRequest } from '../../lab/offline/run.ts'
import { addKernelOptions, type KernelFlags } from '../kernel-flags.ts'
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
    .requiredOption('--data <file>', 'log to split: TSV, CSV, `::` or NDJSON, plain or gzip')
    .addOption(
      one('--protocol <name>', 'how to hold out, see the documentation', ['ncr', 'ncf'], 'ncr'),
    )
    .option(
      '--negatives <number|file>',
      'ncr: how many to draw (100); ncf: the file that gives them',
    )
    .option('--model <names>', `some of ${modelNames.join(',')}, or all`, 'itempop,ease,neupr')
    .addOption(one('--parts <name>', 'what a user is to our models', offlineParts, 'history'))
    .addOption(
      one(
        '--history <which>',
        'is the validation item known at the test?',
        ['without', 'with', 'both'],
        'both',
      ),
    )
    .option('--factors <sizes>', 'factor sizes, each is run', '32')
    .option('--seeds <numbers>', 'seeds of models, each is run', '1')
    .option('--draw-seed <number>', 'seed of the drawn negatives', '2017')
    .option('--minimum <count>', 'ncr: fewest events of a user and of an item', '10')
    .option('--patience <epochs>', 'epochs without a better validation before the end', '5')
    .option('--full-users <count>', 'users ranked in full by models that compare pairs', '1000')
    .option('--epochs <count>', 'most epochs (a default per model)')
    .option('--depth <layers>', 'layers of the tower, the input counted')
    .option('--rate <number>', 'learning rate')
    .option('--ratio <count>', 'negatives per positive; windows: those that a whole step shares')
    .option('--batch <count>', 'instances (rows), windows or draws (history) of a step')
    .option('--lambda <number>', 'regularisation of EASE')
    .option('--alpha <share>', 'pretrained: weight of NBPR in the union, DNCR has the rest (0.5)')
  addKernelOptions(command)
  return addHistoryOptions(command).option('--json', 'print an array of results instead of a table')
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
  const faults: string[] = []
  const whole = (name: string, text: string, low: number, high: number): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high) {
      faults.push(`--${name} is ${text}, expected a whole number ${low} … ${high}`)
    }
    return value
  }
  const positive = (name: string, text: string): number => {
    const value = Number(text)
    if (!(value > 0 && value < 1e9)) faults.push(`--${name} is ${text}, expected a number above 0`)
    return value
  }
  const share = (name: string, text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= 0 && value <= 1)) {
      faults.push(`--${name} is ${text}, expected a number 0 … 1`)
    }
    return value
  }
  const list = (name: string, text: string, low: number, high: number): number[] =>
    text.split(',').map((part) => whole(name, part, low, high))
  const isNcf = flags.protocol === 'ncf'
  if (isNcf && flags.negatives === undefined) {
    faults.push('--protocol ncf needs --negatives <file>: user, item, time, rating, negatives …')
  }
  const seedMax = Number.MAX_SAFE_INTEGER
  const request: OfflineRequest = {
    models: readModels(flags.model, faults),
    parts: flags.parts,
    factors: list('factors', flags.factors, 4, 256),
    seeds: list('seeds', flags.seeds, 0, seedMax),
    validationInHistory: { without: [false], with: [true], both: [false, true] }[flags.history],
    patience: whole('patience', flags.patience, 1, 10_000),
    fullUsersMax: whole('full-users', flags.fullUsers, 1, 1e9),
    ...(flags.epochs === undefined ? {} : { epochs: whole('epochs', flags.epochs, 1, 10_000) }),
    ...(flags.depth === undefined ? {} : { depth: whole('depth', flags.depth, 1, 6) }),
    ...(flags.ratio === undefined ? {} : { ratio: whole('ratio', flags.ratio, 1, 10_000) }),
    ...(flags.batch === undefined ? {} : { batch: whole('batch', flags.batch, 1, 100_000) }),
    ...(flags.rate === undefined ? {} : { rate: positive('rate', flags.rate) }),
    ...(flags.lambda === undefined ? {} : { lambda: positive('lambda', flags.lambda) }),
    ...(flags.alpha === undefined ? {} : { alpha: share('alpha', flags.alpha) }),
    ...readHistoryFlags(flags, faults),
  }
  const options = {
    data: flags.data,
    protocol: flags.protocol,
    negatives: isNcf ? 0 : whole('negatives', flags.negatives ?? '100', 1, 100_000),
    negativesFile: flags.negatives ?? '',
    drawSeed: whole('draw-seed', flags.drawSeed, 0, seedMax),
    minimum: whole('minimum', flags.minimum, 1, 1e9),
    request,
  }
  if (faults.length > 0) {
    throw new Failure('SETTINGS_INVALID', `flags refused:\n  ${faults.join('\n  ')}`)
  }
  return options
}

function readModels(text: string, faults: string[]): readonly ModelName[] {
  if (text === 'all') return modelNames
  const names = text.split(',').map((name) => name.trim())
  for (const name of names) {
    if ((modelNames as readonly string[]).includes(name)) continue
    faults.push(`--model names ${name}, expected some of ${modelNames.join(', ')}`)
  }
  return names as ModelName[]
}
