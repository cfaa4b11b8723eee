// Writes a decoded batch to the positive store and turns it, in dense ids, into the batches that the trainer takes.
// What a batch says of its stream is passed through; reading and acknowledging are the business of the caller.

import { addAction, type StoreMark, type TrainerBatch } from '../messages.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import { eventCode, fullAdd } from '../strength.ts'
import type { Decoded, Interaction, SourceRecord } from '../types.ts'
import type { Hold, Ids } from './ids.ts'

/** A run of events that ends with the users to forget after it, or with the end of the batch. */
interface Segment {
  readonly events: Interaction[]
  readonly offsets: number[]
  readonly forgotten: string[]
}

/** Events of one segment; records that hold arrays can make many more than there are records. */
const segmentEventsMax = 10_000
const noInteractions: readonly Interaction[] = []

export function interactionsOf(decoded: Decoded): readonly Interaction[] {
  if (decoded.kind === 'interaction') return [decoded.interaction]
  return decoded.kind === 'interactions' ? decoded.interactions : noInteractions
}

/**
 * Cuts a decoded batch after each group of users to forget that is followed by events, and wherever a segment is full.
 * The events of one record may be in two segments: the record is done when the last of them is.
 */
export function segmentsOf(
  records: readonly SourceRecord[],
  decoded: readonly Decoded[],
): Segment[] {
  const segments: Segment[] = [{ events: [], offsets: [], forgotten: [] }]
  decoded.forEach((one, k) => {
    let segment = segments.at(-1)!
    if (one.kind === 'forget') segment.forgotten.push(one.user)
    for (const interaction of interactionsOf(one)) {
      if (segment.forgotten.length > 0 || segment.events.length === segmentEventsMax) {
        segment = { events: [], offsets: [], forgotten: [] }
        segments.push(segment)
      }
      segment.events.push(interaction)
      segment.offsets.push(records[k]!.position.offset)
    }
  })
  return segments
}

/** Resolves when the store holds the segment. @throws Failure of the store. */
export async function storeSegment(store: PositiveStore, segment: Segment): Promise<void> {
  if (segment.events.length > 0) await store.apply(segment.events)
  if (segment.forgotten.length > 0) await store.forget(segment.forgotten)
}

export interface BatchFacts {
  readonly stream: string
  readonly nextOffset: number
  readonly history?: { readonly left: number } | undefined
  readonly readMs?: number
  readonly dead: Readonly<Record<string, number>>
  readonly skipped: Readonly<Record<string, number>>
  readonly storeMark?: StoreMark | undefined
  readonly streamMark?: string | undefined
}

/** Dense ids of a segment's users and items, which stand for nobody else until the batch is made; -1: none was free. */
export interface SegmentIds {
  readonly users: Int32Array
  readonly items: Int32Array
  readonly holds: { readonly users: Hold; readonly items: Hold }
}

export function idsIn(segment: Segment, users: Ids, items: Ids): SegmentIds {
  const n = segment.events.length
  const holds = { users: users.hold(), items: items.hold() }
  const found = { users: new Int32Array(n), items: new Int32Array(n), holds }
  for (let k = 0; k < n; k++) {
    const { user, item } = segment.events[k]!
    holds.users.at = k
    holds.items.at = k
    found.users[k] = users.of(user)
    found.items[k] = items.of(item)
  }
  return found
}

/** For a worker that learns nothing and whose store remembers by itself: the counts of a segment without its events. */
export function countsOnlyBatch(segment: Segment, facts: BatchFacts, users: Ids): TrainerBatch {
  const forgotten = segment.forgotten.map((name) => users.of(name)).filter((user) => user >= 0)
  return {
    ...facts,
    snapshot: false,
    stored: segment.events.length,
    newUsers: users.takeNew(),
    newItems: [],
    ...changesOf({ changedUsers: users.takeChanges() }),
    ...columnsFor(0),
    forgotten: Int32Array.from(forgotten),
  }
}

/** A segment in dense ids. Events of users or items that found no id are left out; their number is returned. */
export function trainerBatch(
  segment: Segment,
  facts: BatchFacts,
  users: Ids,
  items: Ids,
  ids: SegmentIds = idsIn(segment, users, items),
): { batch: TrainerBatch; overCapacity: number } {
  const n = segment.events.length
  const columns = columnsFor(n)
  /** Events that are kept before each of the segment. */
  const keptBefore = new Int32Array(n + 1)
  let kept = 0
  const isPlain = segment.events.every((event) => eventCode(event) === fullAdd)
  const strengths = isPlain ? undefined : new Uint16Array(n)
  for (let k = 0; k < n; k++) {
    keptBefore[k] = kept
    const { timestamp, action } = segment.events[k]!
    const u = ids.users[k]!
    const i = ids.items[k]!
    if (u < 0 || i < 0) continue
    columns.users[kept] = u
    columns.items[kept] = i
    columns.times[kept] = timestamp
    columns.actions[kept] = action === 'ADD' ? addAction : 1 - addAction
    if (strengths !== undefined) strengths[kept] = eventCode(segment.events[k]!)
    columns.offsets[kept++] = segment.offsets[k]!
  }
  const forgotten = segment.forgotten.flatMap((name) => users.find(name) ?? [])
  const changes = (of: Ids, hold: Hold) =>
    of.takeChanges(hold).map((change) => ({ ...change, at: keptBefore[change.at]! }))
  const batch: TrainerBatch = {
    ...facts,
    snapshot: false,
    newUsers: users.takeNew(),
    newItems: items.takeNew(),
    ...changesOf({
      changedUsers: changes(users, ids.holds.users),
      changedItems: changes(items, ids.holds.items),
    }),
    ...firstOf(columns, kept),
    ...(strengths && { strengths: strengths.slice(0, kept) }),
    forgotten: Int32Array.from(forgotten),
  }
  ids.holds.users.release()
  ids.holds.items.release()
  return { batch, overCapacity: n - kept }
}

/** Without the lists that are empty. */
export function changesOf(changes: Pick<TrainerBatch, 'changedUsers' | 'changedItems'>) {
  return Object.fromEntries(Object.entries(changes).filter(([, those]) => those.length > 0))
}

/** The columns of a batch: one entry per event. They lie in one buffer, which is sooner posted than five. */
export function columnsFor(n: number) {
  const buffer = new ArrayBuffer(25 * n)
  return {
    times: new Float64Array(buffer, 0, n),
    offsets: new Float64Array(buffer, 8 * n, n),
    users: new Int32Array(buffer, 16 * n, n),
    items: new Int32Array(buffer, 20 * n, n),
    actions: new Uint8Array(buffer, 24 * n, n),
  }
}

/** The first `n` entries. */
export function firstOf(columns: ReturnType<typeof columnsFor>, n: number) {
  if (n === columns.users.length) return columns
  const { users, items, times, actions, offsets } = columns
  return {
    users: users.slice(0, n),
    items: items.slice(0, n),
    times: times.slice(0, n),
    actions: actions.slice(0, n),
    offsets: offsets.slice(0, n),
  }
}
