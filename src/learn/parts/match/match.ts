// The part that compares an item with what the user takes: some take what everybody takes and some what few know, some
// what is new and some what is old. Of a new user little is known but how many items they have: they are likely to take
// what others took at that point. Nothing is trained.
//
// Symbols: n_i events of item i so far, g_i events of the stream since its first; m_i events of it that were the first
// of their user, or the second to fifth, whichever the next one of u is (newcomers.ts). Features of item i for u:
//   |ln(1 + n_i) - mean of ln(1 + n_h)| and |ln(1 + g_i) - mean of ln(1 + g_h)|, over u's newest positives h,
//   0 without positives; ln(1 + m_i), 0 with five positives or more; and at which points the item is taken (points.ts).

import { longer } from '../../../arrays.ts'
import type { Catalogue } from '../../../ports/catalogue.ts'
import { ChangedRows, liveState, vectors } from '../../../ports/live-state.ts'
import type { Part } from '../../part.ts'
import { type Ages, createAges } from '../freshness.ts'
import { createColumn } from '../item-column.ts'
import { joined } from '../item-terms.ts'
import { createDistances } from './distances.ts'
import { createNewcomers } from './newcomers.ts'
import { createPoints } from './points.ts'

/**
 * `catalogue`: takes the logarithms, where an engine has a faster way. `ages`: of the first events, which this part
 * keeps and others may read.
 */
export function createMatch(catalogue?: Catalogue, ages: Ages = createAges(catalogue)): Part {
  const changed = new ChangedRows(3)
  let counts: Float32Array = new Float32Array(1024)
  /** ln(1 + n_i) */
  const levels = createColumn()
  const newcomers = createNewcomers(counts.length, 2)
  const points = createPoints(3)
  const distances = createDistances(levels, ages)

  function grow(items: number): void {
    if (items <= counts.length) return
    const size = Math.max(items, 2 * counts.length)
    counts = longer(counts, size)
    levels.grow(size)
    newcomers.grow(size)
    points.grow(size)
  }

  function set(item: number, count: number): void {
    counts[item] = count
    levels.set(item, Math.log(1 + counts[item]!))
  }

  const all = joined(joined(distances.terms, points.terms), newcomers.terms)

  // As many rows as there are counts: marks may have more.
  const tables = () =>
    vectors('match', {
      counts,
      first: ages.marks.subarray(0, counts.length) as Float64Array,
      ...newcomers.counts(),
      ...points.rows(counts.length),
    })
  const facts = () => vectors('match', { facts: Float64Array.of(ages.events, ...points.facts) })

  return {
    addAll: all.addAll,
    staged: { ...all.staged, prepare: ages.prepare, lacks: () => ages.lacks },
    name: 'match',
    features: [
      ...['match.popularity', 'match.age', 'match.newcomers'],
      ...['match.session', 'match.length'],
    ],
    start: [0, 0, 0, 0, 0],
    isScaled: true,
    score(moment, items, out, offset) {
      const [n, from] = [items.length, offset * items.length]
      distances.read(moment, items, out, from)
      newcomers.read(moment, items, out, from + 2 * n)
      points.read(moment, items, out, from + 3 * n)
    },
    observe(moment, item, weight = 1) {
      ages.count()
      if ((ages.marks[item] ?? 0) === 0) ages.mark(item)
      grow(ages.marks.length)
      set(item, counts[item]! + weight)
      newcomers.observe(moment, item, weight)
      points.observe(moment, item, weight)
      changed.mark(item)
    },
    dropItems(gone) {
      for (let item = 0; item < Math.min(gone.length, counts.length); item++) {
        if (gone[item] !== 1) continue
        ages.forget(item)
        set(item, 0)
        newcomers.forget(item)
        points.forget(item)
        changed.mark(item)
      }
    },
    get bytes() {
      return (
        counts.byteLength + levels.values.byteLength + newcomers.bytes + points.bytes + ages.bytes
      )
    },
    state: liveState(changed, () => counts.length, tables, facts),
    restore(tensors) {
      const saved = tensors.get('match.counts')?.data
      if (saved === undefined) return
      const [events = 0, ...factsOfPoints] = tensors.get('match.facts')?.data ?? []
      ages.restore(tensors.get('match.first')?.data ?? [], events)
      grow(Math.max(saved.length, ages.marks.length))
      for (let item = 0; item < saved.length; item++) set(item, saved[item]!)
      newcomers.restore(tensors, 'match')
      points.restore(tensors, 'match', factsOfPoints)
    },
  }
}
