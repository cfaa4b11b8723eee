// `neupr-worker tune`: the grid search that the defaults of online learning come from. It changes one value at a time
// and replays several streams. Values are chosen on the middle (40-70 %) of each stream; the last 30 % are for
// reporting.

import { createHash } from 'node:crypto'
import { Command } from 'commander'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import { type Io, yieldToEventLoop } from '../io.ts'
import { type Arrivals, arrivalsOf } from '../lab/stream/arrivals.ts'
import { type ReplayResult, replay } from '../lab/stream/replay.ts'
import { planLearner } from '../trainer/model/plan.ts'
import type { Interaction } from '../types.ts'
import { createWorld } from '../world/world.ts'
import { readRows } from './evaluate/rows.ts'
import { reproducibleEngine } from './prequential.ts'
import { addSettings, settingsOf } from './settings-flags.ts'
import { settingsRead } from './settings-read.ts'
import { changedPlan, type Grid, isOfPlan, readGrid, valueAt } from './tune/grid.ts'
import { createTuneProgress } from './tune/progress.ts'
import { type Change, nameOf, openTrials, trialOf, tuneTable } from './tune/results.ts'

interface TuneFlags {
  readonly data: readonly string[]
  readonly grid?: string
  readonly only?: string
  readonly limit?: string
  readonly results: string
  readonly json?: boolean
}

const worldEvents = 120_000

export function tuneCommand(io: Io): Command {
  const command = new Command('tune')
    .description('try settings of online learning, one at a time, over several streams')
    .requiredOption(
      '--data <file>',
      'events; may be given several times; `world` is the simulated world',
      (one: string, all: readonly string[] = []) => [...all, one],
    )
    .option('--grid <file>', 'JSON: names of settings, or paths into the plan, with values to try')
    .option('--only <names>', 'only these rows of the grid')
    .option('--limit <n>', 'replay only the first n events of each stream')
    .option(
      '--results <file>',
      'file of results, from which a stopped run continues',
      'tune.ndjson',
    )
    .option('--json', 'print an array of results instead of a table')
  return addSettings(command, settingsRead.tune).action(
    async (flags: TuneFlags & Record<string, unknown>) => {
      const changes = changesOf(readGrid(flags.grid), flags, settingsOf(flags, io))
      const limit = readLimit(flags.limit)
      const trials = openTrials(flags.results)
      const base = baseOf(settingsOf(flags, io), limit)
      const known = (stream: string) =>
        changes.flatMap((one) => trials.find(stream, base, one) ?? [])
      const open = (stream: string) =>
        changes.filter((one) => trials.find(stream, base, one) === undefined)
      const missing = () => flags.data.reduce((sum, stream) => sum + open(stream).length, 0)
      const progress = createTuneProgress(io, flags.data.length * changes.length, missing())
      try {
        for (const stream of flags.data) {
          if (open(stream).length === 0) continue
          const arrivals = arrivalsOf(await rowsOf(stream, limit, settingsOf(flags, io), io))
          for (const change of open(stream)) {
            const name = nameOf(stream, change)
            const played = await tried(arrivals, change, flags, io, (done) =>
              progress.events(name, done, arrivals.count),
            )
            const trial = trialOf(stream, base, change, played)
            trials.add(trial)
            progress.finished(name, trial)
          }
        }
      } catch (cause) {
        if (!io.stop?.aborted) throw cause
      }
      progress.close()
      const found = flags.data.flatMap(known)
      io.stdout.write(
        `${flags.json === true ? JSON.stringify(found) : tuneTable(flags.data, found)}\n`,
      )
      if (missing() > 0)
        io.stderr.write(`${missing()} trials are left: the same command continues\n`)
    },
  )
}

async function tried(
  arrivals: Arrivals,
  change: Change,
  flags: TuneFlags,
  io: Io,
  onEvents: (done: number) => void,
): Promise<ReplayResult> {
  const { key, value } = change
  const ofPlan = isOfPlan(key)
  const setting = key === '' || ofPlan ? {} : { [key]: value }
  const config = settingsOf({ ...flags, ...setting }, io)
  const plan = planLearner(config)
  return replay(arrivals, {
    ...{
      config,
      engine: await reproducibleEngine(config),
      strict: false,
      nowMs: io.elapsedMs,
      processorMs: io.processorMs,
    },
    onPause: (done) => {
      onEvents(done)
      return yieldToEventLoop(io.stop)
    },
    plan: ofPlan ? changedPlan(plan, key, value) : plan,
  })
}

/** The defaults, and every value of the grid that is not the default. */
function changesOf(grid: Grid, { only }: TuneFlags, config: Config): Change[] {
  const wanted = only?.split(',') ?? Object.keys(grid)
  const strange = wanted.filter((key) => !(key in grid))
  if (strange.length > 0) {
    const known = Object.keys(grid).join(', ')
    throw new Failure('SETTINGS_INVALID', `--only names ${strange}, expected some of ${known}`)
  }
  const plan = planLearner(config)
  const changes = wanted.flatMap((key) => {
    const now = isOfPlan(key) ? valueAt(plan, key) : Reflect.get(config, key)
    const shown = Array.isArray(now) && !isOfPlan(key) ? now.join(',') : now
    return grid[key]!.filter((value) => JSON.stringify(value) !== JSON.stringify(shown)).map(
      (value) => ({ key, value }),
    )
  })
  return [{ key: '', value: null }, ...changes]
}

/** What all trials of a table have in common. */
function baseOf(config: Config, limit: number): string {
  const { seed, parts, model, effort } = config
  const common = JSON.stringify([planLearner(config), seed, parts, model, effort, `${limit}`])
  return createHash('sha256').update(common).digest('hex').slice(0, 12)
}

async function rowsOf(
  stream: string,
  limit: number,
  config: Config,
  io: Io,
): Promise<readonly Interaction[]> {
  if (stream !== 'world') {
    const say = (text: string): void => void io.stderr.write(`${text}\n`)
    return (await readRows({ input: stream, config, io, say })).slice(0, limit)
  }
  const world = createWorld({ seed: 1, events: Math.min(limit, worldEvents), undo: 0 })
  return [...world.interactions()]
}

function readLimit(text: string | undefined): number {
  const limit = text === undefined ? Infinity : Number(text)
  if (limit > 0) return limit
  throw new Failure('SETTINGS_INVALID', `--limit is ${text}, expected a number above 0`)
}
