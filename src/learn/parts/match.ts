// The part that compares an item with what the user takes: some take what everybody takes and some what few know, some
// what is new and some what is old. Of a new user little is known but how many items they have: they are likely to take
// what others took at that point. Nothing is trained.
//
// Symbols: n_i events of item i so far, g_i events of the stream since its first; m_i events of it that were the first
// of their user, or the second to fifth, whichever the next one of u is (newcomers.ts). Features of item i for u:
//   |ln(1 + n_i) - mean of ln(1 + n_h)| and |ln(1 + g_i) - mean of ln(1 + g_h)|, over u's newest positives h,
//   0 without positives; ln(1 + m_i), 0 with five positives or more.

import { longer } from '../../arrays.ts'
import type { Catalogue } from '../../ports/catalogue.ts'
import { ChangedRows, liveState, vectors } from '../../ports/live-state.ts'
import type { Moment, Part } from '../part.ts'
import { type Ages, createAges } from './freshness.ts'
import { createColumn, createColumnTerms } from './item-column.ts'
import { joined } from './item-terms.ts'
import { createNewcomers } from './newcomers.ts'

/** Newest positives that are compared with. */
const compared = 10

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
  const agesOfOwn = new Float32Array(compared)

  function grow(items: number): void {
    if (items <= counts.length) return
    const size = Math.max(items, 2 * counts.length)
    counts = longer(counts, size)
    levels.grow(size)
    newcomers.grow(size)
  }

  function set(item: number, count: number): void {
    counts[item] = count
    levels.set(item, Math.log(1 + counts[item]!))
  }

  /** Means over the newest positives; undefined where there are none. */
  function meansOf({ users }: Moment): { level: number; age: number } | undefined {
    const end = Math.min(compared, users.historyStart[1]!)
    if (end === 0) return undefined
    const own = users.historyItems.subarray(0, end)
    ages.logs(own, agesOfOwn, 0)
    const sums = { level: 0, age: 0 }
    for (let l = 0; l < end; l++) {
      sums.level += levels.values[own[l]!] ?? 0
      sums.age += agesOfOwn[l]!
    }
    return { level: sums.level / end, age: sums.age / end }
  }

  const terms = createColumnTerms((moment, weights) => {
    const means = meansOf(moment)
    const [wLevel, wAge] = [weights[0]!, weights[1]!]
    if (means === undefined || (wLevel === 0 && wAge === 0)) return undefined
    return [
      { column: levels, weight: wLevel, origin: means.level },
      { column: ages.all(), weight: wAge, origin: means.age },
    ]
  })

  const both = joined(terms, newcomers.terms)

  // As many rows as there are counts: marks may have more.
  const tables = () =>
    vectors('match', {
      counts,
      first: ages.marks.subarray(0, counts.length) as Float64Array,
      ...newcomers.counts(),
    })
  const facts = () => vectors('match', { facts: Float64Array.of(ages.events) })

  return {
    addAll: both.addAll,
    staged: { ...both.staged, prepare: ages.prepare, lacks: () => ages.lacks },
    name: 'match',
    features: ['match.popularity', 'match.age', 'match.newcomers'],
    start: [0, 0, 0],
    isScaled: true,
    score(moment, items, out, offset) {
      const n = items.length
      const from = offset * n
      newcomers.read(moment, items, out, from + 2 * n)
      const means = meansOf(moment)
      if (means === undefined) {
        out.fill(0, from, from + 2 * n)
        return
      }
      ages.logs(items, out, from + n)
      takeDistances(levels.values, items, means.level, out, from)
      for (let at = from + n; at < from + 2 * n; at++) out[at] = Math.abs(out[at]! - means.age)
    },
    observe(moment, item, weight = 1) {
      ages.count()
      if ((ages.marks[item] ?? 0) === 0) ages.mark(item)
      grow(ages.marks.length)
      set(item, counts[item]! + weight)
      newcomers.observe(moment, item, weight)
      changed.mark(item)
    },
    dropItems(gone) {
      for (let item = 0; item < Math.min(gone.length, counts.length); item++) {
        if (gone[item] !== 1) continue
        ages.forget(item)
        set(item, 0)
        newcomers.forget(item)
        changed.mark(item)
      }
    },
    get bytes() {
      return counts.byteLength + levels.values.byteLength + newcomers.bytes + ages.bytes
    },
    state: liveState(changed, () => counts.length, tables, facts),
    restore(tensors) {
      const saved = tensors.get('match.counts')?.data
      if (saved === undefined) return
      ages.restore(tensors.get('match.first')?.data ?? [], tensors.get('match.facts')?.data[0] ?? 0)
      grow(Math.max(saved.length, ages.marks.length))
      for (let item = 0; item < saved.length; item++) set(item, saved[item]!)
      newcomers.restore(tensors, 'match')
    },
  }
}

/** out[from + x] = |values[items[x]] - origin|, of items beyond the values as of 0. */
function takeDistances(
  values: Float32Array,
  items: Int32Array,
  origin: number,
  out: Float32Array,
  from: number,
): void {
  for (let x = 0; x < items.length; x++) {
    const i = items[x]!
    out[from + x] = Math.abs((i < values.length ? values[i]! : 0) - origin)
  }
}
