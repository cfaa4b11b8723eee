// HR@10 and NDCG@10 of several rankers over the spans of a stream whose length is known: the whole, its last 30 %, the
// middle (40-70 %, where settings are chosen), and of the last 30 % the new users and the returning ones.

import { addRank, newQuality, type QualityWithError, qualityOf } from '../../measure/metrics.ts'

export const spans = ['all', 'middle', 'last30', 'cold', 'returning'] as const
export type Span = (typeof spans)[number]

export interface Tally {
  /** `place`: number of the event in the stream; `idle`: ms since the user's newest positive, NaN for none. */
  add(place: number, earlier: number, idle: number, ranks: ArrayLike<number>): void
  /** How many events each span has. */
  events(): Record<Span, number>
  of(name: string): Record<Span, QualityWithError>
}

const middle = [0.4, 0.7] as const
const coldEvents = 5
const returnMs = 86_400_000

export function createTally(names: readonly string[], total: number): Tally {
  const sums = names.map(() => bySpan(newQuality))

  function spansOf(place: number, earlier: number, idle: number): Span[] {
    const share = place / total
    if (share < middle[0]) return ['all']
    if (share < middle[1]) return ['all', 'middle']
    const last: Span[] = ['all', 'last30']
    if (earlier < coldEvents) last.push('cold')
    if (idle > returnMs) last.push('returning')
    return last
  }

  return {
    add(place, earlier, idle, ranks) {
      for (const span of spansOf(place, earlier, idle)) {
        for (let r = 0; r < sums.length; r++) addRank(sums[r]![span], ranks[r]!)
      }
    },
    events: () => bySpan((span) => sums[0]?.[span].events ?? 0),
    of(name) {
      const found = sums[names.indexOf(name)]
      if (found === undefined) throw new RangeError(`no ranker has the name ${name}`)
      return bySpan((span) => qualityOf(found[span]))
    },
  }
}

function bySpan<T>(make: (span: Span) => T): Record<Span, T> {
  return Object.fromEntries(spans.map((span) => [span, make(span)])) as Record<Span, T>
}
