// The part that follows popularity: for each item a count of its events that halves every so many events of the
// stream, for several half-lives. Nothing is trained; the fusion learns a weight per half-life.
//
// Feature k of item i: ln(1 + n_i^(k)), n_i^(k) = Σ over the item's events of 2^(-events since / half-life k).

import type { Tensor } from '../ports/checkpoint-store.ts'
import type { Part } from './part.ts'

export function createTrend(halfLives: readonly number[]): Part {
  const kinds = halfLives.length
  const rates = halfLives.map((halfLife) => -1 / halfLife)
  let counts = new Float32Array(1024 * kinds)
  let last = new Float64Array(1024)
  let now = 0

  function grow(items: number): void {
    if (items <= last.length) return
    const size = Math.max(items, 2 * last.length)
    const moreCounts = new Float32Array(size * kinds)
    moreCounts.set(counts)
    counts = moreCounts
    const moreLast = new Float64Array(size)
    moreLast.set(last)
    last = moreLast
  }

  return {
    name: 'trend',
    features: halfLives.map((halfLife) => `trend.${halfLife}`),
    start: halfLives.map(() => 0),
    score(_moment, items, out, offset) {
      const n = items.length
      for (let x = 0; x < n; x++) {
        const item = items[x]!
        const known = item < last.length && counts[item * kinds]! > 0
        const elapsed = known ? now - last[item]! : 0
        for (let k = 0; k < kinds; k++) {
          const count = known ? counts[item * kinds + k]! * 2 ** (elapsed * rates[k]!) : 0
          out[(offset + k) * n + x] = Math.log(1 + count)
        }
      }
    },
    observe(_moment, item) {
      grow(item + 1)
      const elapsed = now - last[item]!
      for (let k = 0; k < kinds; k++) {
        const at = item * kinds + k
        counts[at] = 1 + counts[at]! * 2 ** (elapsed * rates[k]!)
      }
      last[item] = now++
    },
    get bytes() {
      return counts.byteLength + last.byteLength
    },
    save: () =>
      new Map<string, Tensor>([
        ['trend.counts', { shape: [last.length, kinds], data: counts.slice() }],
        ['trend.last', { shape: [last.length], data: last.slice() }],
        ['trend.now', { shape: [1], data: Float64Array.of(now) }],
      ]),
    restore(tensors) {
      const savedLast = tensors.get('trend.last')?.data
      const savedCounts = tensors.get('trend.counts')?.data
      if (savedLast === undefined || savedCounts === undefined) return
      grow(savedLast.length)
      last.set(savedLast)
      counts.set(savedCounts)
      now = tensors.get('trend.now')?.data[0] ?? 0
    },
  }
}
