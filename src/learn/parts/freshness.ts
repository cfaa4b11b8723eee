// The part that knows how new an item is and how long nobody has taken it. Nothing is trained.
//
// Features of item i: ln(1 + events of the stream since its first), ln(1 + events since its latest). An item without
// events, which is only remembered, is as old as the stream.

import type { Catalogue } from '../../ports/catalogue.ts'
import { ChangedRows, liveState, vectors } from '../../ports/live-state.ts'
import type { Part } from '../part.ts'
import { createAges } from './ages.ts'
import { addSame, createItemTerms } from './item-terms.ts'

/** `catalogue`: takes the logarithms, where an engine has a faster way. */
export function createFreshness(catalogue?: Catalogue): Part {
  const first = createAges(catalogue)
  const latest = createAges(catalogue)
  const changed = new ChangedRows(3)

  const terms = createItemTerms((_moment, weights) => {
    const [wFirst, wLatest] = [weights[0]!, weights[1]!]
    if (wFirst === 0 && wLatest === 0) return undefined
    const [old, quiet, others] = [first.all(), latest.all(), (wFirst + wLatest) * first.ofOthers]
    const known = Math.min(old.length, quiet.length)
    return {
      addAll(count, into, slack) {
        const end = Math.min(known, count)
        addAges(old, quiet, end, { wFirst, wLatest }, into, slack)
        addSame(others, end, count, into, slack)
      },
      addSome(items, count, into) {
        for (let x = 0; x < count; x++) {
          const i = items[x]!
          into[x]! += i < known ? wFirst * old[i]! + wLatest * quiet[i]! : others
        }
      },
    }
  })

  const tables = () => vectors('freshness', { first: first.marks, latest: latest.marks })
  const facts = () => vectors('freshness', { facts: Float64Array.of(first.events) })

  return {
    ...terms,
    name: 'freshness',
    features: ['freshness.first', 'freshness.latest'],
    start: [0, 0],
    isScaled: true,
    score(_moment, items, out, offset) {
      first.logs(items, out, offset * items.length)
      latest.logs(items, out, (offset + 1) * items.length)
    },
    observe(_moment, item) {
      first.count()
      latest.count()
      if ((first.marks[item] ?? 0) === 0) first.mark(item)
      latest.mark(item)
      changed.mark(item)
    },
    dropItems(gone) {
      for (let item = 0; item < gone.length; item++) {
        if (gone[item] !== 1) continue
        first.forget(item)
        latest.forget(item)
        changed.mark(item)
      }
    },
    get bytes() {
      return first.bytes + latest.bytes
    },
    state: liveState(changed, () => first.marks.length, tables, facts),
    restore(tensors) {
      const events = tensors.get('freshness.facts')?.data[0] ?? 0
      first.restore(tensors.get('freshness.first')?.data ?? [], events)
      latest.restore(tensors.get('freshness.latest')?.data ?? [], events)
    },
  }
}

/** into[i] += a + slack · |a|, a the weighted ages of item i < end. */
function addAges(
  old: Float32Array,
  quiet: Float32Array,
  end: number,
  { wFirst, wLatest }: { readonly wFirst: number; readonly wLatest: number },
  into: Float32Array,
  slack: number,
): void {
  for (let i = 0; i < end; i++) {
    const a = wFirst * old[i]! + wLatest * quiet[i]!
    into[i]! += a + slack * Math.abs(a)
  }
}
