// A trainer that learns as in its thread, and what it goes through while something else is done between its turns.

import { setImmediate } from 'node:timers/promises'
import type { CheckpointWritten, TrainerReport } from '../../../src/messages.ts'
import type { Core } from '../../../src/trainer/loop/core.ts'
import type { KnownWorld } from './known-world.ts'

/** As the trainer's thread works: the events of a turn and the ms of a round of lists. */
const turnEvents = 64
const roundMs = 25

/** What the trainer went through while one checkpoint was written. */
export interface Course {
  /** Longest time in which it did nothing but the checkpoint. */
  readonly still: Took
  /** Longest time between two rounds of lists. */
  readonly lists: Took
  readonly ms: number
  readonly bytes: number
  /** Of the process, on top of before, at most. */
  readonly memory: number
}

interface Learning {
  /** Ends after this many steps, or else when a checkpoint is reported. */
  readonly steps?: number
  readonly work?: () => Promise<unknown>
  readonly turn?: (events: number) => number
  readonly events?: boolean
  readonly reports?: readonly TrainerReport[]
}

/** Turns, rounds of lists and the work of a checkpoint, one after the other. */
export async function learn(core: Core, world: KnownWorld, how: Learning): Promise<Course> {
  const { steps = Infinity, events = true, reports = [] } = how
  const { work = async () => undefined, turn = (most) => most } = how
  const before = process.memoryUsage.rss()
  let memory = 0
  const still = createLongest()
  const lists = createLongest()
  const ended = () => reports.find(({ kind }) => kind.startsWith('checkpoint'))
  for (let step = 0; step < steps && ended() === undefined; step++) {
    if (events && core.queued === 0) core.take(world.batch(turnEvents), performance.now())
    core.turn(turn(turnEvents), performance.now())
    const roundFrom = performance.now()
    core.rank(roundFrom, () => performance.now() - roundFrom >= roundMs)
    lists.end()
    lists.begin()
    still.begin()
    await work()
    await setImmediate()
    still.end()
    memory = Math.max(memory, process.memoryUsage.rss() - before)
  }
  const report = ended()
  if (report?.kind === 'checkpointFailed') throw new Error(report.message)
  const written = report as Partial<CheckpointWritten> | undefined
  const longest = { still: still.longest, lists: lists.longest }
  return { ...longest, memory, ms: written?.ms ?? 0, bytes: written?.bytes ?? 0 }
}

/** By the clock, and of processor time, which is what it takes on a machine with nothing else to do. */
export interface Took {
  readonly ms: number
  readonly cpuMs: number
}

function createLongest() {
  const now = (): Took => {
    const { user, system } = process.cpuUsage()
    return { ms: performance.now(), cpuMs: (user + system) / 1000 }
  }
  let from = now()
  let longest: Took = { ms: 0, cpuMs: 0 }
  return {
    begin() {
      from = now()
    },
    end() {
      const { ms, cpuMs } = now()
      longest = {
        ms: Math.max(longest.ms, ms - from.ms),
        cpuMs: Math.max(longest.cpuMs, cpuMs - from.cpuMs),
      }
    },
    get longest() {
      return longest
    },
  }
}
