// The update log of a group as it is watched: what goes through it, and which other workers append to it.

import type { ReadCounts } from '../app/updates/read-counts.ts'
import type { Metrics } from '../metrics.ts'
import type { GroupView } from '../ports/status.ts'

/** Whoever has not appended for this long is not named any more. */
const seenMs = 60_000
const authorsMax = 256

export interface GroupWatch {
  read(counts: ReadCounts): void
  appended(bytes: number): void
  /** undefined: nothing is shared. */
  view(): GroupView | undefined
}

/** `nowMs`: monotonic. */
export function createGroupWatch(
  { updates }: Pick<Metrics, 'updates'>,
  nowMs: () => number,
): GroupWatch {
  const seen = new Map<string, number>()
  let newest: Pick<ReadCounts, 'author' | 'share' | 'behind'> | undefined

  /** Who has appended lately, the newest last. */
  function lately(): (readonly [author: string, ms: number])[] {
    for (const [author, ms] of seen) {
      if (nowMs() - ms > seenMs || seen.size > authorsMax) seen.delete(author)
    }
    return [...seen]
  }

  return {
    read(counts) {
      newest = counts
      updates.read.add(counts.records)
      updates.readBytes.add(counts.bytes)
      updates.unknownItems.add(counts.unknownItems)
      for (const [reason, count] of Object.entries(counts.passedOver)) {
        updates.passedOver.from(reason).add(count)
      }
      for (const author of counts.authors) {
        seen.delete(author)
        seen.set(author, nowMs())
      }
      updates.behind.set(counts.behind)
      updates.share.set(counts.share)
      updates.workers.set(lately().length)
    },
    appended(bytes) {
      updates.appended.add()
      updates.appendedBytes.add(bytes)
    },
    view() {
      if (newest === undefined) return undefined
      const { author, share, behind } = newest
      updates.workers.set(lately().length)
      const others = lately()
        .filter(([other]) => other !== author)
        .map(([other, ms]) => ({ author: other, secondsAgo: (nowMs() - ms) / 1000 }))
      return { author, share, behindRecords: behind, others: others.reverse() }
    },
  }
}
