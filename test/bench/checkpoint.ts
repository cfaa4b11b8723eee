// For how long a checkpoint keeps the trainer from learning and from making lists, how many bytes it writes and how
// much memory it takes: beside the learning, against everything copied and written at once, in the same run on the same
// state. The trainer learns all the while, in turns as in its thread.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createDiskCheckpointStore } from '../../src/adapters/disk/checkpoint-store.ts'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import type { TrainerReport } from '../../src/messages.ts'
import { createRandom } from '../../src/sample/random.ts'
import { releaseCheckpoint } from '../../src/trainer/checkpoint/saved-parts.ts'
import { viewOf } from '../../src/trainer/checkpoint/whole-state.ts'
import { createCheckpointer } from '../../src/trainer/loop/checkpointer.ts'
import { type Core, createCore } from '../../src/trainer/loop/core.ts'
import { type Course, learn, type Took } from './checkpoint/course.ts'
import { createKnownWorld, type KnownWorld } from './checkpoint/known-world.ts'
import type { BenchRow } from './store.ts'

/** So many of them give about one MB of state. */
const perMb = { users: 850, items: 400 }
const changedShare = 0.01
const { config } = readConfig({ flags: { seed: 1, checkpointEverySeconds: 1 }, env: {} })

/** `sizes`: MB of state. */
export async function checkpointBench(
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const mb of sizes) rows.push(...(await measure(mb, say)))
  return rows
}

async function measure(mb: number, say: (line: string) => void) {
  const size = { users: perMb.users * mb, items: perMb.items * mb }
  const directory = mkdtempSync(join(tmpdir(), 'bench-'))
  const store = createDiskCheckpointStore({ directory, kept: 2, bytesMax: 2 ** 34 })
  const core = createCore({ config, engine: createWasmEngine(), versionBase: 0 })
  const world = createKnownWorld(size, createRandom(1, 'checkpoints'))
  world.fill(core)
  const bytes = [...viewOf(core.live.state).values()].reduce(
    (sum, { data }) => sum + data.byteLength,
    0,
  )
  say(`${size.users} users, ${size.items} items: ${inMb(bytes)} of state`)
  try {
    await learn(core, world, { steps: 60 })
    const none = await learn(core, world, { steps: 60 })
    say(`without a checkpoint ${took(none.lists)} between two rounds of lists at most`)
    const whole = await wholeAtOnce(core, world, (snapshot) => store.save(snapshot))
    told(say, 'everything at once', whole)
    const reports: TrainerReport[] = []
    const checkpointer = createCheckpointer({
      ...{ config, store, core, nextGeneration: 2, nowMs: () => performance.now() },
      report: (report) => reports.push(report),
    })
    const beside = async (events: boolean) => {
      reports.length = 0
      const work = () => checkpointer.work(core)
      return learn(core, world, { work, turn: checkpointer.turnEvents, events, reports })
    }
    const all = await beside(true)
    told(say, 'everything beside', all)
    while (core.lists.waiting > 0) core.rank(performance.now())
    await beside(false)
    changeRows(core)
    let some = await beside(false)
    if (some.bytes > whole.bytes / 2) {
      // So much had changed before that it holds everything.
      changeRows(core)
      some = await beside(false)
    }
    told(say, `${100 * changedShare} % of the rows`, some)
    await beside(false)
    say(`nothing has changed: ${reports.map(({ kind }) => kind).join()}`)
    await sayStart(store, say)
    return rowsOf(`${mb} MB`, whole, all, some)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** As the checkpoints of a deterministic run are written. */
async function wholeAtOnce(
  core: Core,
  world: KnownWorld,
  save: (snapshot: ReturnType<Core['snapshot']>) => Promise<{ readonly bytes: number }>,
): Promise<Course> {
  let [ms, bytes] = [0, 0]
  let step = 0
  const work = async () => {
    if (++step !== 2) return
    const startedMs = performance.now()
    bytes = (await save(core.snapshot(1))).bytes
    ms = performance.now() - startedMs
  }
  return { ...(await learn(core, world, { steps: 4, work })), ms, bytes }
}

/** Marks rows of every table, evenly spread, as if they had been written to; of a queue those at its beginning. */
function changeRows(core: Core): void {
  for (const { changed, rows, columns } of core.live.state.live) {
    if (columns().has('debt.events')) changed.markRange(0, rows * changedShare)
    else for (let row = 0; row < rows; row += 1 / changedShare) changed.mark(row)
  }
  core.learner.counts.events++
}

/** A start reads a copy of everything and lets go of it. */
async function sayStart(
  store: ReturnType<typeof createDiskCheckpointStore>,
  say: (line: string) => void,
): Promise<void> {
  const [before, from] = [await heldNow(), performance.now()]
  const { checkpoint } = await store.latest()
  const read = process.memoryUsage.rss()
  const readMs = performance.now() - from
  const core = createCore({
    config,
    engine: createWasmEngine(),
    versionBase: 0,
    resume: checkpoint,
  })
  const both = process.memoryUsage.rss()
  releaseCheckpoint(checkpoint!)
  const parts = [read - before, both - before, (await heldNow()) - before].map(inMb)
  say(
    `a start: read in ${ms(readMs)}, ${parts[0]}; with the model made of it ${parts[1]}; once the copy is freed ` +
      `${parts[2]} (${core.learner.positives.users} users)`,
  )
}

/** Of the process, once what nobody holds any more has been freed. */
async function heldNow(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  // What is freed is given back beside.
  for (let times = 0; times < 3; times++) {
    collectGarbage()
    await setImmediate()
  }
  return process.memoryUsage.rss()
}

function told(say: (line: string) => void, what: string, course: Course): void {
  const { still, lists, bytes, memory } = course
  say(
    `${what}: ${inMb(bytes)} in ${ms(course.ms)}; at most ${took(still)} without learning, ${took(lists)} between ` +
      `two rounds of lists; ${inMb(memory)} of memory on top`,
  )
}

function rowsOf(name: string, whole: Course, all: Course, some: Course): BenchRow[] {
  const row = (what: string, unit: string, value: number, against: number): BenchRow => ({
    ...{ bench: 'checkpoint', case: `${name}, ${what}`, unit },
    value: Number(value.toPrecision(4)),
    against: `at once ${Number(against.toPrecision(4))}`,
    ratio: Number((value / against).toPrecision(3)),
  })
  const pauses = (what: string, now: Took, before: Took) => [
    row(what, 'ms', now.ms, before.ms),
    row(what, 'ms of processor time', now.cpuMs, before.cpuMs),
  ]
  return [
    ...pauses('longest pause of learning', all.still, whole.still),
    ...pauses('longest pause of lists', all.lists, whole.lists),
    row('until durable', 'ms', all.ms, whole.ms),
    row('memory on top', 'MB', all.memory / 1e6, whole.memory / 1e6),
    row('written when 1 % of the rows changed', 'bytes', some.bytes, whole.bytes),
    ...pauses('longest pause when 1 % of the rows changed', some.still, whole.still),
  ]
}

function took(longest: Took): string {
  return `${ms(longest.ms)} (${ms(longest.cpuMs)} of processor time)`
}

function inMb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}
