// What several workers that share an update log are worth beside one alone, on the same file: HR@10 over the events
// of all, each predicted by the worker that has its user before it is learned; processor time; bytes of the log; and
// how a worker does that joins when the others are trained: how soon as a process among processes, how well in one
// process, against the workers that have its users where nobody joins, on the same events.
//
// Every group gets the same stream, at the same pace or, with `each`, at a pace that gives each worker as much to do as
// the single one has: that is a group which grows with its stream. At a pace that one worker has time for, most of the
// processor time of several is that of several processes, and of waking them up for one event at a time. How busy they
// were is among the rows.

import { basename } from 'node:path'
import type { Place } from '../e2e/scene.ts'
import { startKafka } from '../servers/kafka.ts'
import { startRedis } from '../servers/redis/server.ts'
import type { Workshop } from '../servers/tools.ts'
import { seed } from './live/live-worker.ts'
import type { BenchRow } from './store.ts'
import { type Outcome, playGroup } from './workers/group.ts'
import { playJoins } from './workers/joining.ts'
import { playNewcomer } from './workers/newcomer.ts'
import type { ThreadTimes } from './workers/thread-times.ts'

export interface WorkersOptions extends Workshop {
  readonly files: readonly string[]
  /** Sizes of the groups; the first is what the others are held against. */
  readonly counts: readonly number[]
  /** Events a second, of all workers or of each. */
  readonly rate: number
  readonly each: boolean
  /** How many events from the start of the file are used; left out: all. */
  readonly events?: number | undefined
  /** Each group also without an update log: what it costs to divide a stream among processes. */
  readonly apart: boolean
  /** Also a worker that joins the largest group. */
  readonly joins: boolean
}

const partitions = 8

export async function workersBench(options: WorkersOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  const kafka = await startKafka(options)
  const redis = await startRedis(options, { fsync: 'everysec' })
  const place = { brokers: kafka.brokers, redis: redis.url, partitions }
  const begin = () => redis.admin.flushall()
  try {
    for (const file of options.files.length === 0 ? [undefined] : options.files) {
      const name = file === undefined ? 'made-up' : basename(file).replace(/\..*$/, '')
      rows.push(...(await groupRows(name, file, place, options, begin)))
      if (!options.joins) continue
      await begin()
      rows.push(...(await newcomerRows(name, file, place, options)))
    }
  } finally {
    await Promise.all([kafka.stop(), redis.stop()])
  }
  return rows
}

async function groupRows(
  name: string,
  file: string | undefined,
  place: Place,
  options: WorkersOptions,
  begin: () => Promise<unknown>,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  const single = `n=${options.counts[0]}`
  let first: Outcome | undefined
  for (const count of options.counts) {
    for (const shares of options.apart && count > 1 ? [false, true] : [count > 1]) {
      await begin()
      const found = await playGroup({
        ...options,
        rate: rateOf(options, count),
        place,
        file,
        count,
        shares,
      })
      first ??= found
      const what = `${name} n=${count}${count > 1 && !shares ? ' apart' : ''}`
      options.say(`workers: ${what}: ${JSON.stringify(found)}`)
      const row = (unit: string, of: Exclude<keyof Outcome, 'threads'>) =>
        rowOf(what, unit, found[of], single, first![of])
      rows.push(
        row('hr10', 'hr10'),
        row('µs/event', 'micros'),
        row('µs/event of the last 30 %', 'lateMicros'),
        ...threadRows(what, found.threads, single, first.threads),
        row('cores/worker in the last 30 %', 'cores'),
        row('ms/s of a worker without events', 'idle'),
        row('lists/event', 'lists'),
        rowOf(what, 'bytes/event', found.bytes, 'KiB', 1_024),
      )
    }
  }
  return rows
}

/** None where it is not to be known. */
function threadRows(
  what: string,
  found: ThreadTimes | undefined,
  single: string,
  first: ThreadTimes | undefined,
): BenchRow[] {
  if (found === undefined || first === undefined) return []
  return [
    rowOf(what, 'µs/event of main threads in it', found.main, single, first.main),
    rowOf(what, 'µs/event of trainers in it', found.trainer, single, first.trainer),
    rowOf(what, "µs/event of V8's threads in it", found.others, single, first.others),
  ]
}

async function newcomerRows(
  name: string,
  file: string | undefined,
  place: Place,
  options: WorkersOptions,
): Promise<BenchRow[]> {
  const count = Math.max(...options.counts)
  const found = await playNewcomer({ ...options, rate: rateOf(options, count), place, file, count })
  const what = `${name} joins n=${count}`
  options.say(`workers: ${what}: ${JSON.stringify(found)}`)
  const joined = await playJoins(file, { count, events: options.events, seed })
  options.say(`workers: ${what}, in one process: ${JSON.stringify(joined)}`)
  const { own, without, standardError } = joined
  return [
    rowOf(what, 'hr10, in one process', own, 'where nobody joins', without),
    rowOf(what, 'hr10 of difference', own - without, 'its standard error', standardError),
    rowOf(what, 's to the first list', found.seconds, 'none', 1),
  ]
}

function rateOf({ rate, each }: WorkersOptions, count: number): number {
  return each ? rate * count : rate
}

function rowOf(what: string, unit: string, value: number, against: string, other: number) {
  return {
    ...{ bench: 'workers', case: what, unit, against },
    value: Number(value.toPrecision(4)),
    ratio: Number((value / other).toFixed(4)),
  }
}
