// A log of the past into the positive store and into a core: as `run` takes it, but without lists, without positions
// and without dead letters, whose reasons are counted instead.

import type { Retrying } from '../../app/retry.ts'
import type { Config } from '../../config.ts'
import { createTally, type Tally } from '../../consume/tally.ts'
import { Failure } from '../../errors.ts'
import type { Io } from '../../io.ts'
import type { Logger } from '../../ports/logger.ts'
import type { PositiveStore } from '../../ports/positive-store.ts'
import type { Ids } from '../../remember/ids.ts'
import { segmentsOf, storeSegment, trainerBatch } from '../../remember/remember.ts'
import type { Core } from '../../trainer/loop/core.ts'
import { openDecoder, openSource } from '../../worker/open.ts'

export interface Reading {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
  readonly retrying: Retrying
  readonly store: PositiveStore
  readonly core: Core
  readonly ids: { readonly users: Ids; readonly items: Ids }
  /** After every batch; what is read ends when it rejects. */
  readonly onBatch: (records: number) => Promise<void>
}

/**
 * Reads to the end. Returns how many records were of no use, by reason.
 * @throws Failure SOURCE_UNUSABLE where nothing was
 */
export async function readPast(reading: Reading): Promise<Record<string, number>> {
  const { config, io, logger, retrying, store, core, ids } = reading
  const tally = createTally({
    namesMax: config.actionNamesMax,
    onFirst: (text) => logger.warn(text),
  })
  const source = await openSource({
    ...{ config, io, logger, from: new Map(), stopAtEnd: true },
    onFailed(failure) {
      // A file fails in its calls alone.
      throw failure
    },
  })
  const decoder = openDecoder(config, io)
  try {
    for (;;) {
      const batch = await source.readBatch(io.stop)
      io.stop.throwIfAborted()
      if (batch === undefined) return unusedOf(tally, config.source, logger)
      const { records } = batch
      const decoded = await decoder.decode(records)
      tally.add(records, decoded)
      const { stream } = records[0]!.position
      for (const segment of segmentsOf(records, decoded)) {
        await retrying('storing events', () => storeSegment(store, segment))
        const facts = { stream, nextOffset: 0, dead: {}, skipped: {} }
        core.take(trainerBatch(segment, facts, ids.users, ids.items).batch, 0)
        do core.turn(config.turnEvents, 0)
        while (core.hasWork)
      }
      await batch.ack()
      await reading.onBatch(records.length)
    }
  } finally {
    await source.close()
  }
}

function unusedOf(tally: Tally, source: string, logger: Logger): Record<string, number> {
  const { dead, skipped } = tally.counts
  const [lost, leftOut] = [tally.closing(), tally.leftOut()]
  if (tally.nothing || tally.empty) {
    const why = tally.empty ? 'it holds no record' : (lost ?? leftOut)
    throw new Failure('SOURCE_UNUSABLE', `nothing was learned from ${source}: ${why}`)
  }
  if (lost !== undefined) logger.warn(lost)
  if (leftOut !== undefined) logger.info(leftOut)
  return { ...dead, ...skipped }
}
