// A log of the past into the positive store and into a core: as `run` takes it, but without lists, without positions
// and without dead letters, whose reasons are counted instead.

import type { Retrying } from '../../app/retry.ts'
import type { Config } from '../../config.ts'
import type { Logger } from '../../ports/logger.ts'
import type { PositiveStore } from '../../ports/positive-store.ts'
import type { Ids } from '../../remember/ids.ts'
import { segmentsOf, storeSegment, trainerBatch } from '../../remember/remember.ts'
import type { Core } from '../../trainer/loop/core.ts'
import type { Decoded } from '../../types.ts'
import type { Io } from '../../worker/io.ts'
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

/** Reads to the end. Returns how many records were of no use, by reason. @throws Failure */
export async function readPast(reading: Reading): Promise<Record<string, number>> {
  const { config, io, logger, retrying, store, core, ids } = reading
  const unused: Record<string, number> = {}
  const source = openSource({
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
      if (batch === undefined) return unused
      const { records } = batch
      const decoded = await decoder.decode(records)
      count(decoded, unused)
      const { stream } = records[0]!.position
      for (const segment of segmentsOf(records, decoded)) {
        await retrying('storing events', () => storeSegment(store, segment))
        const facts = { stream, nextOffset: 0, dead: {}, skipped: {} }
        core.take(trainerBatch(segment, facts, ids.users, ids.items).batch, 0)
        do core.turn(config.turnEvents, 0)
        while (core.queued > 0)
      }
      await batch.ack()
      await reading.onBatch(records.length)
    }
  } finally {
    await source.close()
  }
}

function count(decoded: readonly Decoded[], unused: Record<string, number>): void {
  for (const one of decoded) {
    const why =
      one.kind === 'dead' ? one.fault.reason : one.kind === 'skip' ? one.reason : undefined
    if (why !== undefined) unused[why] = (unused[why] ?? 0) + 1
  }
}
