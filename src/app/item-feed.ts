// The item feed on its way to the trainer: first all that it had said before the start, and nothing is published before
// that is known; then whatever comes.

import type { ItemDecoder } from '../consume/items/decode-items.ts'
import type { ItemVerdict } from '../consume/items/judge-item.ts'
import type { ItemSource } from '../ports/event-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { ItemState, SourceRecord } from '../types.ts'
import type { Retrying } from './retry.ts'

export interface ItemFeedParts {
  readonly source: ItemSource
  readonly decoder: ItemDecoder
  readonly trainer: Pick<Trainer, 'items'>
  readonly retrying: Retrying
  readonly logger: Logger
  readonly onItems: (counts: ItemCounts) => void
}

/** Records of the feed by what they say. */
export interface ItemCounts {
  readonly available: number
  readonly unavailable: number
  readonly gone: number
  readonly refused: number
  /** Of the others: on items beyond --item-states-max, whose word is not kept. */
  readonly overCapacity: number
}

export interface ItemFeed {
  /** Resolves when all that was there at the start is known; false where it was aborted. @throws Failure */
  first(signal: AbortSignal): Promise<boolean>
  /** Goes on until the source ends or the signal is aborted. @throws Failure */
  follow(signal: AbortSignal): Promise<void>
}

/** What the retrying is told it does: the condition `items` goes by it. */
export const readingItems = 'reading the item feed'

export function createItemFeed(parts: ItemFeedParts): ItemFeed {
  const { source, decoder, trainer, retrying, logger } = parts
  let read = 0
  let isFull = false

  async function take(records: readonly SourceRecord[], isComplete: boolean): Promise<void> {
    const verdicts = await retrying(readingItems, () => decoder.decode(records))
    for (const [at, verdict] of verdicts.entries()) {
      if (verdict.kind === 'refused') tellRefused(verdict, records[at]!)
    }
    const overCapacity = await trainer.items({
      states: verdicts.flatMap(stateOf),
      ...(isComplete && { isComplete }),
    })
    if (overCapacity > 0 && !isFull) {
      isFull = true
      logger.warn(
        'the item feed names more items than --item-states-max: those beyond it are treated as unnamed; raise it',
        { overCapacity },
      )
    }
    parts.onItems({ ...countsOf(verdicts), overCapacity })
  }

  /** Each kind of fault once a minute or so; the records stay where they are. */
  function tellRefused(
    { fault }: Extract<ItemVerdict, { kind: 'refused' }>,
    { position }: SourceRecord,
  ): void {
    logger.repeated(fault.reason, `a record of the item feed is passed over: ${fault.detail}`, {
      ...{ stream: position.stream, offset: position.offset },
    })
  }

  return {
    async first(signal) {
      for (;;) {
        const batch = await retrying(readingItems, () => source.readBatch(signal))
        if (batch === undefined) return !signal.aborted
        read += batch.records.length
        await take(batch.records, batch.isCaughtUp)
        if (!batch.isCaughtUp) continue
        logger.info('the item feed is read', { records: read })
        return true
      }
    },
    async follow(signal) {
      for (;;) {
        const batch = await retrying(readingItems, () => source.readBatch(signal))
        if (batch === undefined) return
        if (batch.records.length > 0) await take(batch.records, false)
      }
    },
  }
}

function stateOf(verdict: ItemVerdict): ItemState[] {
  if (verdict.kind === 'refused') return []
  return [verdict.kind === 'state' ? verdict.state : { item: verdict.item, available: false }]
}

function countsOf(verdicts: readonly ItemVerdict[]): Omit<ItemCounts, 'overCapacity'> {
  const counts = { available: 0, unavailable: 0, gone: 0, refused: 0 }
  for (const verdict of verdicts) {
    if (verdict.kind !== 'state') counts[verdict.kind]++
    else counts[verdict.state.available ? 'available' : 'unavailable']++
  }
  return counts
}
