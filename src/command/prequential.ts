// `neupr-worker prequential`: a log played as a stream through the worker's model and its opponents on the same draws,
// every event predicted before it is learned. The figures go to stdout, everything about the way there to stderr.

import { Command } from 'commander'
import { createWasmEngine } from '../adapters/wasm/engine.ts'
import { Failure } from '../errors.ts'
import { easeRetrained } from '../lab/baselines/ease-retrained.ts'
import { type Arrivals, arrivalsOf } from '../lab/stream/arrivals.ts'
import { play } from '../lab/stream/replay.ts'
import { createRandom } from '../sample/random.ts'
import { crews } from '../worker/engine.ts'
import type { Io } from '../worker/io.ts'
import { createBreath } from './breath.ts'
import { readRows } from './evaluate/rows.ts'
import { createPlayProgress } from './prequential/progress.ts'
import { type Contestant, contestants, type PrequentialResult } from './prequential/results.ts'
import { prequentialTable } from './prequential/table.ts'
import { addSettings, settingsOf } from './settings-flags.ts'

interface PrequentialFlags {
  readonly data: string
  readonly strict?: boolean
  readonly json?: boolean
  readonly against: string
  readonly limit?: string
  readonly easeLambda: string
  readonly easeItems: string
}

const retrainings = 10

export function prequentialCommand(io: Io): Command {
  const command = new Command('prequential')
    .description(
      'judge the worker on a log as on a live stream: predict every event, then learn it; against\n' +
        'opponents on the same draws',
    )
    .requiredOption('--data <file>', 'events: TSV, CSV, `::` or NDJSON, plain or gzip')
    .option('--strict', 'events of equal time in random order, predicted before any is learned')
    .option(
      '--against <names>',
      'some of rows+trend,paper,ease, all or none; popularity and ItemKNN are always there',
      'all',
    )
    .option('--limit <n>', 'play the first n events only')
    .option('--ease-lambda <number>', 'regularisation of EASE', '200')
    .option('--ease-items <n>', 'EASE knows the n most taken items', '4000')
    .option('--json', 'print an array of results instead of a table')
  return addSettings(command).action(async (flags: PrequentialFlags & Record<string, unknown>) => {
    const wanted = readWanted(flags)
    const seed = settingsOf(flags, io).seed
    const { rows } = await readRows(flags.data, io.elapsedMs)
    const shuffle = flags.strict === true ? createRandom(seed, 'equal times') : undefined
    const arrivals = arrivalsOf(rows.slice(0, wanted.limit), shuffle)
    const progress = createPlayProgress(io)
    const breath = createBreath(io.stop)
    const results: PrequentialResult[] = []
    for (const contestant of Object.keys(contestants) as Contestant[]) {
      if (contestant !== 'worker' && !wanted.against.includes(contestant)) continue
      const config = settingsOf({ ...flags, ...contestants[contestant] }, io)
      const played = await play(arrivals, {
        config,
        engine: createWasmEngine({ threads: crews[config.threads] }),
        strict: flags.strict === true,
        nowMs: io.elapsedMs,
        processorMs: io.processorMs,
        opponents:
          contestant === 'worker' && wanted.against.includes('ease')
            ? [ease(wanted, arrivals)]
            : [],
        breathe: (done) => {
          progress.events(contestant, done, arrivals.count)
          return breath()
        },
      })
      const { data, strict = false } = flags
      results.push({ data, contestant, strict, seed, ...played })
      progress.result(results.at(-1)!)
    }
    progress.close()
    const text = flags.json === true ? JSON.stringify(results) : prequentialTable(results)
    io.stdout.write(`${text}\n`)
  })
}

interface Wanted {
  readonly against: readonly string[]
  readonly limit: number
  readonly lambda: number
  readonly itemsMax: number
}

function ease({ lambda, itemsMax }: Wanted, { count }: Arrivals) {
  return easeRetrained({
    lambda,
    itemsMax,
    everyEvents: Math.max(1, Math.round(count / retrainings)),
  })
}

/** @throws Failure SETTINGS_INVALID with every fault. */
function readWanted(flags: PrequentialFlags): Wanted {
  const faults: string[] = []
  const known = [...Object.keys(contestants).slice(1), 'ease']
  const words: Readonly<Record<string, readonly string[]>> = { all: known, none: [] }
  const against = words[flags.against] ?? flags.against.split(',').map((name) => name.trim())
  for (const name of against) {
    if (!known.includes(name)) faults.push(`--against names ${name}, expected some of ${known}`)
  }
  const number = (name: string, text: string, whole: boolean): number => {
    const value = Number(text)
    if (!(value > 0) || (whole && !Number.isInteger(value))) {
      const kind = whole ? 'whole number' : 'number'
      faults.push(`--${name} is ${text}, expected a ${kind} above 0`)
    }
    return value
  }
  const wanted = {
    against,
    limit: flags.limit === undefined ? Infinity : number('limit', flags.limit, true),
    lambda: number('ease-lambda', flags.easeLambda, false),
    itemsMax: number('ease-items', flags.easeItems, true),
  }
  if (faults.length > 0) {
    throw new Failure('SETTINGS_INVALID', `flags refused:\n  ${faults.join('\n  ')}`)
  }
  return wanted
}
