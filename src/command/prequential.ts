// `neupr-worker prequential`: replays a log as a stream through the worker's model, with baselines ranked on the same
// draws and every event predicted before it is learned. The figures go to stdout, the progress to stderr.

import { Command } from 'commander'
import type { Config } from '../config.ts'
import { type Io, yieldToEventLoop } from '../io.ts'
import { easeRetrained } from '../lab/baselines/ease-retrained.ts'
import { type Arrivals, arrivalsOf } from '../lab/stream/arrivals.ts'
import { replay } from '../lab/stream/replay.ts'
import type { Engine } from '../ports/engine.ts'
import { createRandom } from '../sample/random.ts'
import { openEngine } from '../worker/engine.ts'
import { readRows } from './evaluate/rows.ts'
import { createFlagReader } from './flag-reader.ts'
import { createReplayProgress } from './prequential/progress.ts'
import { type Contestant, contestants, type PrequentialResult } from './prequential/results.ts'
import { prequentialTable } from './prequential/table.ts'
import { type GroupsWanted, groupsTable, readGroups, replayGroups } from './prequential/workers.ts'
import { addSettings, settingsOf } from './settings-flags.ts'
import { settingsRead } from './settings-read.ts'

interface PrequentialFlags {
  readonly data: string
  readonly strict?: boolean
  readonly json?: boolean
  readonly against: string
  readonly limit?: string
  readonly easeLambda: string
  readonly easeItems: string
  readonly workers?: string
  readonly shareEvents: string
  readonly updateNumbers: string
}

const retrainings = 10

export function prequentialCommand(io: Io): Command {
  const command = new Command('prequential')
    .description(
      'judge the worker on a log as on a live stream: predict every event, then learn it, beside\n' +
        'baselines on the same draws',
    )
    .requiredOption(
      '--data <file>',
      'events: TSV, CSV, `::` or JSON, plain, gzip or zstd; - for standard input',
    )
    .option('--strict', 'events of equal time in random order, predicted before any is learned')
    .option(
      '--against <names>',
      'some of rows+trend,paper,ease, or all or none; popularity and ItemKNN are always shown',
      'all',
    )
    .option('--limit <n>', 'replay only the first n events')
    .option('--ease-lambda <number>', 'regularisation of EASE', '200')
    .option('--ease-items <n>', 'EASE knows the n most popular items', '4000')
    .option(
      '--workers <counts>',
      'instead: the users divided among groups of 1, 2 and 4 workers, as 1,2,4',
    )
    .option(
      '--share-events <n>',
      'of a group: its events between two updates, 0: no updates',
      '1000',
    )
    .option('--update-numbers <n>', 'of a group: numbers that an update may hold', '150000')
    .option('--json', 'print an array of results instead of a table')
  return addSettings(command, settingsRead.prequential).action(
    async (flags: PrequentialFlags & Record<string, unknown>) => {
      const wanted = readWanted(flags)
      const { seed } = settingsOf(flags, io)
      const say = (text: string): void => void io.stderr.write(`${text}\n`)
      const rows = await readRows({ input: flags.data, config: settingsOf(flags, io), io, say })
      const shuffle = flags.strict === true ? createRandom(seed, 'equal times') : undefined
      const arrivals = arrivalsOf(rows.slice(0, wanted.limit), shuffle)
      if (wanted.groups !== undefined) {
        const config = settingsOf(flags, io)
        const engine = () => reproducibleEngine(config)
        const facts = { config, data: flags.data }
        const results = await replayGroups(arrivals, wanted.groups, facts, engine, io)
        const text = flags.json === true ? JSON.stringify(results) : groupsTable(results)
        io.stdout.write(`${text}\n`)
        return
      }
      const results = await replayAll(arrivals, wanted, flags, io)
      const text = flags.json === true ? JSON.stringify(results) : prequentialTable(results)
      io.stdout.write(`${text}\n`)
    },
  )
}

/** The results of all contestants, or of those that were done when the process was told to stop. */
async function replayAll(
  arrivals: Arrivals,
  wanted: Wanted,
  flags: PrequentialFlags & Record<string, unknown>,
  io: Io,
): Promise<PrequentialResult[]> {
  const { data, strict = false } = flags
  const { seed } = settingsOf(flags, io)
  const progress = createReplayProgress(io)
  const results: PrequentialResult[] = []
  const names = Object.keys(contestants) as Contestant[]
  try {
    for (const contestant of names) {
      if (contestant !== 'worker' && !wanted.against.includes(contestant)) continue
      const config = settingsOf({ ...flags, ...contestants[contestant] }, io)
      const withEase = contestant === 'worker' && wanted.against.includes('ease')
      const result = await replay(arrivals, {
        ...{ config, strict, nowMs: io.elapsedMs, processorMs: io.processorMs },
        engine: await reproducibleEngine(config),
        baselines: withEase ? [ease(wanted, arrivals)] : [],
        onPause(done) {
          progress.events(contestant, done, arrivals.count)
          return yieldToEventLoop(io.stop)
        },
      })
      const measured = config.measureActions
      const told = measured === '' ? {} : { measured }
      results.push({ data, contestant, strict, seed, ...told, ...result })
      progress.result(contestant, result)
    }
  } catch (cause) {
    if (!io.stop.aborted) throw cause
  }
  progress.close()
  return results
}

interface Wanted {
  readonly against: readonly string[]
  readonly limit: number
  readonly lambda: number
  readonly itemsMax: number
  /** Groups of workers instead of the model beside others. */
  readonly groups: GroupsWanted | undefined
}

/** The same figures on every machine: without fused multiply-add. */
export async function reproducibleEngine({ engine, threads }: Config): Promise<Engine> {
  return (await openEngine({ engine, threads, deterministic: true })).engine
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
  const flag = createFlagReader()
  const { workers } = flags
  const known = [...Object.keys(contestants).slice(1), 'ease']
  const words: Readonly<Record<string, readonly string[]>> = { all: known, none: [] }
  const against = words[flags.against] ?? flags.against.split(',').map((name) => name.trim())
  for (const name of against) {
    if (!known.includes(name)) flag.fault(`--against names ${name}, expected some of ${known}`)
  }
  const limit = flags.limit === undefined ? Infinity : flag.whole('limit', flags.limit, 1, 1e9)
  const wanted = {
    ...{ against, limit },
    lambda: flag.positive('ease-lambda', flags.easeLambda),
    itemsMax: flag.whole('ease-items', flags.easeItems, 1, 1e6),
    groups: workers === undefined ? undefined : readGroups({ ...flags, workers }, flag),
  }
  if (workers !== undefined && flags.strict === true) flag.fault('--workers replays live only')
  flag.check()
  return wanted
}
