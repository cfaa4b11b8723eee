// One worker of a group, as the update log sees it: what it appends, and what it takes from what all have appended.
// It does no I/O: records come and go through the hands of the caller, who reads the log from its beginning, in order.

import type { SharedTable } from './based-table.ts'
import { createLedger, type Ledger, type Verdict } from './ledger.ts'
import { countAll, createNaming, type MovedSet, numbered, shiftsOf } from './naming.ts'
import { createOwnStreams } from './own-streams.ts'
import type { UpdateRecord } from './record.ts'
import { createSharedTables, type SharedTables } from './shared-tables.ts'
import { createShares, rowsOf } from './shares.ts'

export interface MemberOptions {
  readonly author: string
  readonly tables: readonly SharedTable[]
  /** The number of an item here, which gets one where it has none; then its rows exist. */
  idOf(name: string): number
  nameOf(id: number): string
  /** Counts an event that another worker has learned; `history` is newest first. */
  count(history: Int32Array, item: number): void
  /** Numbers that a record may hold. */
  readonly numbersMax: number
}

export interface Member {
  readonly ledger: Ledger
  readonly tables: SharedTables
  /**
   * A record by which the worker claims streams, each from an offset on. Once it has read the record back and owns a
   * stream, it learns that from the position in the ledger on.
   */
  claim(from: ReadonlyMap<string, number>): UpdateRecord
  owns(stream: string): boolean
  /** An event was learned: `history` is what the user had before it, newest first. */
  count(history: Int32Array, item: number): void
  /** All before `nextOffset` of a stream that the worker owns is done. */
  done(stream: string, nextOffset: number): void
  /** What was learned since the last call, to be appended; undefined where that is nothing. */
  take(): UpdateRecord | undefined
  /** The next record of the log. */
  read(record: UpdateRecord): Verdict
  /**
   * Something that was learned here does not count, because another worker has its stream. What was learned since
   * cannot be told from it: nothing more is to be learned, nor is it taken, until restart().
   */
  readonly isLost: boolean
  /** Own records that were not read back yet. */
  readonly pending: number
  /**
   * Once nothing is pending: gives up what does not stand in the log. The streams that the worker owns go on where the
   * ledger says.
   */
  restart(): void
}

interface Waiting {
  readonly sequence: number
  /** undefined: a claim moves nothing. */
  readonly moved: MovedSet | undefined
}

export function createMember(options: MemberOptions): Member {
  const { author, idOf, nameOf } = options
  const shifts = shiftsOf(options.tables)
  const ledger = createLedger()
  const streams = createOwnStreams(ledger, author)
  const shares = createShares()
  const tables = createSharedTables(options.tables)
  const waiting: Waiting[] = []
  let naming = createNaming(shifts)
  let sequence = 0
  let isLost = false

  function readOwn(record: UpdateRecord, passed: boolean, moved: MovedSet): void {
    const place = waiting.findIndex((one) => one.sequence === record.sequence)
    // Written twice: it was read before.
    if (place < 0) return
    streams.begin(record.claims.map(({ stream }) => stream))
    const own = waiting.splice(place, 1)[0]?.moved
    if (own === undefined) return
    if (passed) tables.dropPending(own)
    else tables.read(moved, shares.of(author), own)
    if (passed) isLost = true
  }

  function readOthers(record: UpdateRecord, moved: MovedSet, ids: Int32Array): void {
    tables.read(moved, shares.of(record.author))
    countAll(record.events, ids, options.count)
  }

  return {
    ledger,
    tables,
    owns: streams.owns,
    claim(from) {
      const claims = [...from].map(([stream, offset]) => {
        return { stream, epoch: (ledger.streamOf(stream)?.epoch ?? 0) + 1, from: offset }
      })
      waiting.push({ sequence: ++sequence, moved: undefined })
      const nothing = { learned: [], moved: [], ...createNaming(shifts).finish(nameOf) }
      return { author, sequence, claims, ...nothing }
    },
    count: (history, item) => naming.count(history, item),
    done: streams.done,
    take() {
      const learned = isLost ? [] : streams.take()
      if (learned.length === 0) return undefined
      const set = tables.take(options.numbersMax)
      waiting.push({ sequence: ++sequence, moved: set })
      const moved = naming.rows(set)
      const named = naming.finish(nameOf)
      naming = createNaming(shifts)
      return { author, sequence, claims: [], learned, moved, ...named }
    },
    read(record) {
      const verdict = ledger.read(record)
      const passed = verdict.passedOver !== undefined
      const isOwn = record.author === author
      if (streams.giveUp(record)) isLost = true
      if (passed && !isOwn) return verdict
      const ids = Int32Array.from(record.names, idOf)
      const moved = numbered(record, ids, shifts)
      if (isOwn) readOwn(record, passed, moved)
      else readOthers(record, moved, ids)
      if (!passed) shares.add(record.author, rowsOf(moved))
      return verdict
    },
    get isLost() {
      return isLost
    },
    get pending() {
      return waiting.length
    },
    restart() {
      if (!isLost || waiting.length > 0) throw new RangeError('nothing is lost, or more may be')
      streams.beginAll()
      naming = createNaming(shifts)
      tables.dropLocal()
      isLost = false
    },
  }
}
