// The whole life of the worker in a bounded number of points, for the curves of the page. When the room is
// used up, neighbours are joined and the step doubles: the curve stays whole and only its grain grows.

import type { Ranker } from '../../messages.ts'
import type { State } from '../../ports/status.ts'

export const curveNames = [
  'time',
  'model',
  'itemKnn',
  'popularity',
  'recent',
  'eventsPerSecond',
  'listsPerSecond',
  'freshness',
  'lag',
] as const
export type CurveName = (typeof curveNames)[number]

/** Columns of equal length; `time` in seconds since the epoch; null: nothing measured then. */
export interface Curves {
  /** Grows whenever points were joined: what a reader holds is then of an older grain. */
  readonly grain: number
  readonly columns: Readonly<Record<CurveName, readonly (number | null)[]>>
}

type Point = readonly (number | null)[]

/** Rates are over this many looks: events come in batches, and a look a second would show those. */
const looksPerRate = 5

export function createCurves(pointsMax: number) {
  let points: Point[] = []
  let pending: Point[] = []
  let grain = 0
  const before: State[] = []

  function add(state: State): void {
    const point = pointOf(state, before[0])
    before.push(state)
    if (before.length > looksPerRate) before.shift()
    pending.push(point)
    if (pending.length < 2 ** grain) return
    points.push(mean(pending))
    pending = []
    if (points.length < pointsMax) return
    const joined: Point[] = []
    for (let k = 0; k < points.length; k += 2) joined.push(mean(points.slice(k, k + 2)))
    points = joined
    grain += 1
  }

  /** Points newer than `after`, or all of them where the reader's grain is another. */
  function read(after: number, ofGrain: number): Curves {
    const fresh =
      ofGrain === grain
        ? points.filter(([time]) => typeof time === 'number' && time > after)
        : points
    const column = (name: CurveName) =>
      fresh.map((point) => point[curveNames.indexOf(name)] ?? null)
    const columns = Object.fromEntries(curveNames.map((name) => [name, column(name)]))
    return { grain, columns: columns as unknown as Curves['columns'] }
  }
  return { add, read }
}

function pointOf(state: State, before: State | undefined): Point {
  const seconds = before === undefined ? 0 : (state.now - before.now) / 1000
  const rate = (now: number, then: number | undefined) =>
    seconds > 0 && then !== undefined ? Math.max(0, now - then) / seconds : null
  const listsOf = (of: State) => of.lists.personal + of.lists.popular
  return [
    state.now / 1000,
    hitRatio(state, 'model'),
    hitRatio(state, 'itemKnn'),
    hitRatio(state, 'popularity'),
    hitRatio(state, 'recent'),
    rate(state.books.consumed, before?.books.consumed),
    rate(listsOf(state), before === undefined ? undefined : listsOf(before)),
    state.freshness.published ?? state.freshness.learned ?? null,
    state.lagRecords ?? null,
  ]
}

function hitRatio(state: State, ranker: Ranker): number | null {
  const sums = state.trainer?.quality.window[ranker]
  return sums === undefined || sums.events === 0 ? null : sums.hits / sums.events
}

/** Column by column over what was measured; time too, so that a joined point stands in its middle. */
function mean(points: readonly Point[]): Point {
  return curveNames.map((_, at) => {
    const known = points.map((point) => point[at] ?? null).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
  })
}
