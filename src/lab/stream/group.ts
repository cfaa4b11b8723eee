// A whole log replayed through a group of workers that share what they learn by an update log, in one process: users
// are divided among them, each predicts and learns its own users' events, appends what it has learned every
// `eventsBetween` of them, and takes in what the others have appended before its next event.

import type { Config } from '../../config.ts'
import type { QualityWithError } from '../../measure/metrics.ts'
import { addAction } from '../../messages.ts'
import type { Engine } from '../../ports/engine.ts'
import { groupTablesOf } from '../../trainer/group/group-tables.ts'
import { createLearner } from '../../trainer/model/learner.ts'
import { decodeUpdate, encodeUpdate } from '../../updates/encode.ts'
import { eventsBetween } from '../../updates/interval.ts'
import { createMember, type Member, type NumberedRecord } from '../../updates/member.ts'
import type { UpdateRecord } from '../../updates/record.ts'
import type { Arrivals } from './arrivals.ts'
import { createTally, type Span } from './tally.ts'

const eventsPerPause = 500
/** Of a history, what is counted with an event. */
const countedHistory = 20

export interface GroupOptions {
  readonly config: Config
  readonly engine: Engine
  readonly workers: number
  /** Events of all workers between two records of one of them; 0: they share nothing. */
  readonly shareEvents: number
  /** Numbers that a record may hold. */
  readonly numbersMax: number
  /** Processor time of this process in ms. */
  readonly processorMs: () => number
  readonly onPause?: (done: number) => Promise<void>
}

export interface GroupResult {
  readonly workers: number
  readonly events: Readonly<Record<Span, number>>
  readonly quality: Readonly<Record<string, Readonly<Record<Span, QualityWithError>>>>
  /** Events of all workers between two records of one of them; 0: they shared nothing. */
  readonly shareEvents: number
  readonly records: number
  /** Of the update log; gzip would save a seventh of it, and cost more than all the rest. */
  readonly bytesPerEvent: number
  /** µs of processor time an event, of all workers together, and of that what sharing takes. */
  readonly cost: { readonly event: number; readonly sharing: number }
}

export async function replayGroup(arrivals: Arrivals, options: GroupOptions): Promise<GroupResult> {
  const { users, times, count, userCount } = arrivals
  const { shareEvents, processorMs } = options
  const log = createLog()
  const newest = new Float64Array(userCount).fill(Number.NaN)
  let place = 0
  const onRanks = (earlier: number, ranks: ArrayLike<number>): void => {
    tally.add(place, earlier, times[place]! - newest[users[place]!]!, ranks)
  }
  const workers = Array.from({ length: options.workers }, (_, w) => {
    return createGroupWorker(w, log, options, onRanks)
  })
  const { rankers } = workers[0]!.learner.prequential
  const tally = createTally(rankers, count)
  const began = processorMs()
  for (; place < count; place++) {
    const user = users[place]!
    workers[user % workers.length]!.apply(user, arrivals.items[place]!, times[place]!)
    newest[user] = times[place]!
    if (place % eventsPerPause > 0) continue
    log.dropBefore(Math.min(...workers.map(({ read }) => read)))
    await options.onPause?.(place)
  }
  const perEvent = (ms: number): number => (1e3 * ms) / count
  return {
    ...{ workers: workers.length, shareEvents, records: log.length },
    events: tally.events(),
    quality: Object.fromEntries(rankers.map((name) => [name, tally.of(name)])),
    bytesPerEvent: log.bytes / count,
    cost: {
      event: perEvent(processorMs() - began),
      sharing: perEvent(workers.reduce((sum, { sharingMs }) => sum + sharingMs, 0)),
    },
  }
}

/** The update log in memory. What everybody has read is dropped. */
function createLog() {
  const records: (Buffer | undefined)[] = []
  let dropped = 0
  let bytes = 0
  return {
    get length() {
      return records.length
    },
    get bytes() {
      return bytes
    },
    append(record: UpdateRecord): void {
      const value = encodeUpdate(record)
      bytes += value.length
      records.push(value)
    },
    read: (place: number): UpdateRecord => decodeUpdate(records[place]!),
    dropBefore(place: number): void {
      records.fill(undefined, dropped, place)
      dropped = place
    },
  }
}

function createGroupWorker(
  w: number,
  log: ReturnType<typeof createLog>,
  options: GroupOptions,
  onRanks: (earlier: number, ranks: ArrayLike<number>) => void,
) {
  const { config, engine, shareEvents, processorMs } = options
  const learner = createLearner({ ...config, probeUsersMax: 0 }, engine, { onRanks, onCounted })
  const users = new Map<number, number>()
  const ids = new Map<string, number>()
  const names: string[] = []
  const stream = `events/${w}`
  const member = shareEvents > 0 ? createSharing(w) : undefined
  const ownMax = Math.ceil(shareEvents / options.workers)
  let [next, events, taken, spent] = [0, 0, 0, 0]

  function createSharing(w: number): Member {
    const member = createMember({
      author: `worker-${w}`,
      tables: groupTablesOf(learner, config.seed),
      nameOf: (id) => names[id]!,
      count: learner.countOther,
      numbersMax: options.numbersMax,
    })
    log.append(member.claim(new Map([[stream, 0]])))
    return member
  }

  function idOf(name: string): number {
    const known = ids.get(name)
    if (known !== undefined) return known
    const id = names.push(name) - 1
    ids.set(name, id)
    learner.grow(learner.positives.users, names.length)
    member?.tables.meet(id, [name])
    return id
  }

  /** The ids of a record's names. */
  function idsOf(all: readonly string[]): Int32Array {
    const fresh = all.filter((name) => !ids.has(name))
    for (const name of fresh) ids.set(name, names.push(name) - 1)
    learner.grow(learner.positives.users, names.length)
    if (fresh.length > 0) member?.tables.meet(names.length - fresh.length, fresh)
    return Int32Array.from(all, (name) => ids.get(name)!)
  }

  function readLog(): void {
    const records: NumberedRecord[] = []
    for (; next < log.length; next++) {
      const record = log.read(next)
      records.push({ record, ids: idsOf(record.names) })
    }
    member!.read(records)
  }

  function onCounted(user: number, history: Int32Array, item: number, weight: number): void {
    member?.count({ stream, user, item, history: history.slice(0, countedHistory), weight })
  }

  function share(work: () => void): void {
    const from = processorMs()
    work()
    spent += processorMs() - from
  }

  return {
    learner,
    /** Records of the log. */
    get read() {
      return next
    },
    get sharingMs() {
      return spent
    },
    apply(user: number, item: number, time: number): void {
      if (next < log.length && member !== undefined) share(readLog)
      if (!users.has(user)) users.set(user, users.size)
      const [own, id] = [users.get(user)!, idOf(String(item))]
      learner.apply(own, id, time, addAction, 1)
      if (member === undefined) return
      member.done(stream, ++events)
      const { learned } = member.ledger
      if (events - taken < eventsBetween({ ownMax, learned, workers: options.workers })) return
      taken = events
      share(() => {
        const record = member.take()
        if (record !== undefined) log.append(record)
      })
    },
  }
}
