// The main side: events from the source into the store and to the trainer, lists from the trainer to the sink.
// A batch is acknowledged when its dead letters are written, the store holds its events and the trainer's queue
// has them. Stops from the source outward: no more reading, drain, checkpoint, publish, close.

import type { AppParts } from './app/parts.ts'
import type { Retrying } from './app/retry.ts'
import type { EventBatch } from './ports/event-source.ts'
import {
  countsOnlyBatch,
  idsIn,
  interactionsOf,
  segmentsOf,
  storeSegment,
  trainerBatch,
} from './remember/remember.ts'
import type { DeadLetter, Decoded, SourceRecord } from './types.ts'

/** Reads until the source ends or `signal` is aborted, and leaves everything safe. @throws Failure */
export async function runApp(parts: AppParts, signal: AbortSignal): Promise<void> {
  const tails = new Map<string, Promise<void>>()
  const inFlight = new Set<Promise<void>>()
  let broken: { readonly cause: unknown } | undefined
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])

  function breakOff(cause: unknown): void {
    broken ??= { cause }
    stop.abort()
  }
  // Both may fail while no call is made to them: a source can be silent for hours.
  void parts.publisher.failed.then(breakOff)
  void parts.trainer.failed.then(breakOff)
  void parts.rebalance.failed.then((cause) => (either.aborted ? undefined : breakOff(cause)))
  void parts.owed?.failed.then(breakOff)
  void parts.exchange?.failed.then(breakOff)
  const beside = parts.beside?.run(either).catch(breakOff)

  function begin(batch: EventBatch): void {
    const { stream } = batch.records[0]!.position
    const readMs = parts.nowMs()
    const { offset } = batch.records.at(-1)!.position
    parts.onTaken({
      stream,
      records: batch.records.length,
      lastOffset: offset,
      readMs,
      historyLeft: batch.history?.left,
    })
    const work = (tails.get(stream) ?? Promise.resolve())
      .then(() => (broken === undefined ? handle(batch, readMs, parts) : undefined))
      .catch(breakOff)
      .finally(() => {
        inFlight.delete(work)
        if (tails.get(stream) === work) tails.delete(stream)
      })
    tails.set(stream, work)
    inFlight.add(work)
  }

  async function next(): Promise<EventBatch | undefined> {
    const batch = await parts.retrying('reading events', () => parts.source.readBatch(either))
    if (batch !== undefined) await parts.rebalance.begin(batch)
    return batch
  }

  while (broken === undefined) {
    const batch = await next().catch(breakOff)
    if (batch === undefined) break
    begin(batch)
    while (inFlight.size >= parts.batchesInFlightMax) await Promise.race(inFlight)
  }
  await Promise.all(inFlight)
  if (parts.beside?.isAwaited === true) await beside
  await parts.owed?.loaded(either)
  stop.abort()
  await beside
  if (broken !== undefined) throw broken.cause
  parts.onRead()
  await parts.trainer.drain()
  await parts.exchange?.finish()
  await parts.owed?.flush()
  await parts.publisher.flush()
  await parts.owed?.flush()
  await parts.trainer.checkpoint()
}

async function handle(batch: EventBatch, readMs: number, parts: AppParts): Promise<void> {
  const { records } = batch
  const onWait = (): void => batch.waiting?.()
  const retrying: Retrying = (what, work) => parts.retrying(what, work, onWait)
  const decoded = await retrying('decoding', () => parts.decoder.decode(records))
  parts.onDecoded?.(records, decoded)
  const { letters, dead, skipped, ...counts } = classify(records, decoded)
  if (letters.length > 0) {
    await retrying('writing dead letters', () => parts.deadLetters.write(letters))
  }
  const segments = segmentsOf(records, decoded)
  const { stream, offset } = records.at(-1)!.position
  let [overCapacity, unknown] = [0, 0]
  for (const [k, segment] of segments.entries()) {
    const ids = parts.mirrorsStore ? idsIn(segment, parts.users, parts.items) : undefined
    if (ids !== undefined) await parts.rebalance.readUsers(stream, ids.users, onWait)
    const known = segment.forgotten.filter((name) => parts.users.find(name) !== undefined).length
    if (parts.mirrorsStore) unknown += segment.forgotten.length - known
    await retrying('storing events', () => storeSegment(parts.store, segment))
    const last = k === segments.length - 1
    if (last && segment.events.length > 0) parts.onStored(readMs)
    const nextOffset = last ? offset + 1 : (segments[k + 1]!.offsets[0] ?? offset + 1)
    const facts = {
      ...{ stream, nextOffset, readMs, storeMark: parts.storeMark?.() },
      history: historyOf(batch, last),
      ...(last ? { dead, skipped, streamMark: batch.mark } : { dead: {}, skipped: {} }),
    }
    if (ids === undefined) {
      await parts.trainer.offer(countsOnlyBatch(segment, facts, parts.users), onWait)
      continue
    }
    const made = trainerBatch(segment, facts, parts.users, parts.items, ids)
    overCapacity += made.overCapacity
    await parts.trainer.offer(made.batch, onWait)
  }
  const gone = parts.users.takeEvicted()
  const evicted = { evictedUsers: gone.length, evictedItems: parts.items.takeEvicted().length }
  if (gone.length > 0) parts.store.evict?.(gone)
  if (parts.inStep) await parts.publisher.flush()
  await batch.ack()
  const outcome = { ...counts, ...evicted, unknown, overCapacity, dead, skipped, stream }
  parts.onBatch({ consumed: records.length, ...outcome })
}

/** Only behind the last segment of the last batch is all of a history read. */
function historyOf({ history }: EventBatch, isLast: boolean): EventBatch['history'] {
  return history === undefined || isLast ? history : { left: history.left + 1 }
}

/** The dead letters of a batch, and what each record counts as: exactly one of the books' lines. */
function classify(records: readonly SourceRecord[], decoded: readonly Decoded[]) {
  const dead: Record<string, number> = {}
  const skipped: Record<string, number> = {}
  const kinds: Record<string, number> = {}
  const letters: DeadLetter[] = []
  let forgotten = 0
  let applied = 0
  let partlyApplied = 0
  let newestEvent: number | undefined
  decoded.forEach((one: Decoded, k) => {
    if (one.kind === 'dead' || (one.kind === 'interactions' && one.fault !== undefined)) {
      const { position, key, value } = records[k]!
      letters.push({ fault: one.fault!, position, key, value })
    }
    if (one.kind === 'dead') dead[one.fault.reason] = (dead[one.fault.reason] ?? 0) + 1
    else if (one.kind === 'skip') skipped[one.reason] = (skipped[one.reason] ?? 0) + 1
    else if (one.kind === 'forget') forgotten++
    else {
      applied++
      if (one.kind === 'interactions' && one.fault !== undefined) partlyApplied++
      for (const { timestamp, kind } of interactionsOf(one)) {
        newestEvent = Math.max(newestEvent ?? 0, timestamp)
        if (kind !== undefined) kinds[kind.name] = (kinds[kind.name] ?? 0) + 1
      }
    }
  })
  return { letters, dead, skipped, kinds, forgotten, applied, partlyApplied, newestEvent }
}
