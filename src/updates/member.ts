// One worker of a group, as the update log sees it: what it appends, and what it takes from what all have appended.
// It does no I/O: records come and go through the hands of the caller, who reads the log from its beginning, in order.

import type { Tensor } from '../ports/checkpoint-store.ts'
import { type LiveState, stateOf } from '../ports/live-state.ts'
import { createLedger, type Ledger, type Verdict } from './ledger.ts'
import { countAll, type LearnedEvent, named, numbered, shiftsOf } from './naming.ts'
import { createOwnStreams, type OwnStreams } from './own-streams.ts'
import type { UpdateRecord } from './record.ts'
import type { SharedTable } from './shared-table.ts'
import {
  createSharedTables,
  type FoldedSet,
  type PendingSet,
  type SharedTables,
} from './shared-tables.ts'
import { createShares, recentFrom, recentTensor, type SavedMember } from './shares.ts'
import { createUnsettled, type NotedEvent } from './unsettled.ts'

export interface MemberOptions {
  readonly author: string
  readonly tables: readonly SharedTable[]
  nameOf(id: number): string
  /** Counts an event that another worker has learned; `history` is newest first, valid during the call. */
  count(history: Int32Array, item: number, weight: number): void
  /** Numbers of items' rows that a record may hold. */
  readonly numbersMax: number
}

/**
 * A record of few events holds less: each event moves thousands of numbers, most of them hardly, and every worker of
 * the group has to add all that is sent. What is left out stays local and goes when it has become large.
 */
const numbersPerEvent = { least: 300, most: 600 }
/** Numbers that all workers together add for an event, within those bounds. */
const additionsPerEvent = 2_400
const numbersLeast = 10_000

/** A record of the log, and by the places of its names the numbers of the items, which have rows, or -1. */
export interface NumberedRecord {
  readonly record: UpdateRecord
  readonly ids: Int32Array
}

export interface Member {
  readonly ledger: Ledger
  readonly tables: SharedTables
  /** The streams that it learns from: those that it owns and has not released. */
  readonly streams: Pick<OwnStreams, 'names' | 'has' | 'takes'>
  /**
   * A record by which the worker claims streams, each from an offset on. Once it has read the record back and owns a
   * stream, it learns that from the position in the ledger on.
   */
  claim(from: ReadonlyMap<string, number>): UpdateRecord
  /** An event of a stream that it learns was learned; while isLost, that will be done after it. */
  count(event: LearnedEvent): void
  /** All before `nextOffset` of a stream that it learns is done. */
  done(stream: string, nextOffset: number): void
  /** What was learned since the last call, to be appended; undefined where that is nothing. */
  take(): UpdateRecord | undefined
  /** No stream is learned any more until a claim of it was read back. */
  release(): void
  /**
   * The next records of the log. `again`: events that were learned here and given up with others that do not count,
   * while their streams are still this worker's: they count and are done, but are to be learned once more.
   */
  read(records: readonly NumberedRecord[]): {
    readonly verdicts: readonly Verdict[]
    readonly again: readonly LearnedEvent[]
  }
  /**
   * Something that was learned here does not count, because another worker has its stream. What was learned since
   * cannot be told from it: nothing more is to be learned, nor is it taken, until own records were read back.
   */
  readonly isLost: boolean
  /** Own records that were not read back yet. */
  readonly pending: number
  /** What a checkpoint holds of the base and of records that are looked back at, and what JSON holds of the rest. */
  readonly state: LiveState
  save(): SavedMember
  /** What was learned and not read back is given up: it is learned again. False: the tensors hold no base. */
  restore(saved: SavedMember, tensors: ReadonlyMap<string, Tensor>): boolean
}

interface Waiting {
  readonly sequence: number
  readonly learned: UpdateRecord['learned']
  /** undefined: a claim moves nothing. */
  readonly own: PendingSet | undefined
  readonly events: readonly NotedEvent[]
}

/** Those that learn a stream, 1 at least. */
function workersOf({ streams }: Ledger): number {
  const owners = new Set<string>()
  for (const [, { owner }] of streams) owners.add(owner)
  return Math.max(1, owners.size)
}

export function createMember(options: MemberOptions): Member {
  const { author, nameOf } = options
  const shifts = shiftsOf(options.tables)
  const ledger = createLedger()
  const streams = createOwnStreams(ledger, author)
  const shares = createShares()
  const tables = createSharedTables(options.tables)
  const waiting: Waiting[] = []
  const unsettled = createUnsettled(streams)
  /** Streams that it has claimed and does not learn yet. */
  const wanted = new Set<string>()
  let sequence = 0

  /** A stream is learned from where it stands once no own record is under way that brings it further. */
  function begin(): void {
    const underWay = new Set(waiting.flatMap(({ learned }) => learned.map(({ stream }) => stream)))
    for (const stream of wanted) {
      if (ledger.streamOf(stream)?.owner !== author || underWay.has(stream)) continue
      streams.begin(stream)
      wanted.delete(stream)
    }
  }

  function readOwn(record: UpdateRecord, passed: boolean): PendingSet | undefined {
    const place = waiting.findIndex((one) => one.sequence === record.sequence)
    // Written twice: it was read before.
    if (place < 0) return undefined
    const [found] = waiting.splice(place, 1)
    begin()
    if (!passed || found?.own === undefined) return found?.own
    tables.dropPending(found.own)
    unsettled.lose(found.events)
    return undefined
  }

  function readOne({ record, ids }: NumberedRecord, sets: FoldedSet[]): Verdict {
    const verdict = ledger.read(record)
    const passed = verdict.passedOver !== undefined
    const isOwn = record.author === author
    if (streams.giveUp(record)) unsettled.lose([])
    const own = isOwn ? readOwn(record, passed) : undefined
    if (passed) return verdict
    const moved = numbered(record, ids, shifts, tables.widths)
    sets.push({ moved, shares: shares.next(record.author, moved), own })
    if (!isOwn) countAll(record.events, ids, options.count)
    return verdict
  }

  /** Gives up what does not stand in the log; the streams that are left go on where the ledger says. */
  function restart(): readonly LearnedEvent[] {
    const again = unsettled.restart()
    streams.rewind()
    tables.dropLocal()
    return again
  }

  return {
    ledger,
    tables,
    streams,
    claim(from) {
      const claims = [...from].map(([stream, offset]) => {
        return { stream, epoch: (ledger.streamOf(stream)?.epoch ?? 0) + 1, from: offset }
      })
      for (const { stream } of claims) wanted.add(stream)
      waiting.push({ sequence: ++sequence, own: undefined, learned: [], events: [] })
      return { author, sequence, claims, learned: [], ...named(new Map(), [], shifts, nameOf) }
    },
    count: unsettled.count,
    done: streams.done,
    take() {
      const learned = unsettled.isLost ? [] : streams.take()
      if (learned.length === 0) return undefined
      const events = unsettled.take()
      const { least, most } = numbersPerEvent
      const perEvent = Math.min(most, Math.max(least, additionsPerEvent / workersOf(ledger)))
      const enough = Math.max(numbersLeast, perEvent * events.length)
      const own = tables.take(Math.min(options.numbersMax, enough))
      waiting.push({ sequence: ++sequence, own, learned, events })
      return { author, sequence, claims: [], learned, ...named(own, events, shifts, nameOf) }
    },
    release: streams.release,
    read(records) {
      const sets: FoldedSet[] = []
      const verdicts = records.map((one) => readOne(one, sets))
      if (sets.length > 0) tables.fold(sets)
      const again = unsettled.isLost && waiting.length === 0 ? restart() : []
      return { verdicts, again }
    },
    get isLost() {
      return unsettled.isLost
    },
    get pending() {
      return waiting.length
    },
    state: stateOf([
      tables.state,
      { live: [], rest: () => recentTensor(shares.recent, tables.widths) },
    ]),
    save: () => ({ ledger: ledger.save(), authors: shares.recent.map((one) => one.author) }),
    restore(saved, tensors) {
      if (!tables.restore(tensors)) return false
      ledger.restore(saved.ledger)
      shares.restore(recentFrom(saved.authors, tensors, tables.widths))
      return true
    },
  }
}
