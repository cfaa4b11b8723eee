// One worker of a group in a lab: a learner of its own beside the update log of the group, without threads and servers.

import type { Config } from '../../config.ts'
import { midRank } from '../../measure/metrics.ts'
import { addAction } from '../../messages.ts'
import type { Engine } from '../../ports/engine.ts'
import { groupTablesOf } from '../../trainer/group/group-tables.ts'
import { createLearner } from '../../trainer/model/learner.ts'
import { decodeUpdate, encodeUpdate } from '../../updates/encode.ts'
import { eventsBetween, usualWorkers } from '../../updates/interval.ts'
import { createMember, type Member, type NumberedRecord } from '../../updates/member.ts'
import type { UpdateRecord } from '../../updates/record.ts'

export interface WorkerOptions {
  readonly config: Config
  readonly engine: Engine
  readonly workers: number
  /** Events of all workers between two records of one of them; 0: they share nothing. */
  readonly shareEvents: number
  /** Numbers that a record may hold. */
  readonly numbersMax: number
  /** Processor time of this process in ms. */
  readonly processorMs: () => number
}

/** Of a history, what is counted with an event. */
const countedHistory = 20

/** The update log in memory. What everybody has read is dropped. */
export function createLog() {
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

export function createGroupWorker(
  w: number,
  log: ReturnType<typeof createLog>,
  options: WorkerOptions,
  onRanks?: (earlier: number, ranks: ArrayLike<number>) => void,
) {
  const { config, engine, shareEvents, processorMs } = options
  const extras = { onCounted, ...(onRanks && { onRanks }) }
  const learner = createLearner({ ...config, probeUsersMax: 0 }, engine, extras)
  const users = new Map<number, number>()
  const ids = new Map<string, number>()
  const names: string[] = []
  const stream = `events/${w}`
  const member = shareEvents > 0 ? createSharing(w) : undefined
  const ownMax = Math.ceil(shareEvents / Math.min(usualWorkers, options.workers))
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

  function userOf(user: number): number {
    if (!users.has(user)) users.set(user, users.size)
    return users.get(user)!
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
    /** An event of a user that it has, or gets by it. */
    apply(user: number, item: number, time: number): void {
      if (next < log.length && member !== undefined) share(readLog)
      learner.apply(userOf(user), idOf(String(item)), time, addAction, 1)
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
    /** Takes in an event that another worker has learned, as from the positive store. */
    remember(user: number, item: number, time: number): void {
      learner.remember(userOf(user), idOf(String(item)), time, addAction, false)
    },
    /** The rank, from 0, of the first of the items for the user as of now. */
    rank(user: number, time: number, items: readonly number[]): number {
      if (next < log.length && member !== undefined) share(readLog)
      const ids = Int32Array.from(items, (item) => idOf(String(item)))
      const scores = new Float32Array(ids.length)
      const own = userOf(user)
      learner.positives.see(own, -1)
      learner.grow(learner.positives.users, names.length)
      learner.score(learner.momentOf(own, time), ids, scores)
      return midRank(scores)
    },
  }
}
