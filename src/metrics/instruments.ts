// The three kinds of metric as small typed handles over prom-client, the only file that imports it.
// Labels are closed: every value is named when the metric is made and exists from the start at 0. What
// comes from outside and is not on the list counts under `other`, so no input can make a new series.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Only grows. */
export interface Count {
  add(amount?: number): void
  total(): number
}
/** Goes up and down. */
export interface Level {
  set(value: number): void
  /** undefined: never set. */
  value(): number | undefined
}
/** Values sorted into buckets. */
export interface Spans {
  observe(value: number): void
  /** Of the newest values, at most 256; undefined: none yet. */
  median(): number | undefined
  /** What a share of the same values is no larger than. */
  quantile(share: number): number | undefined
  /** How many values there were. */
  total(): number
}
/** One handle per label value. */
export interface Family<L extends string, H> {
  of(label: L | 'other'): H
  /** For a value from outside: its own handle when it is on the list, else the one of `other`. */
  from(label: string): H
  all(): readonly H[]
  entries(): readonly (readonly [label: string, handle: H])[]
}

export { Registry }

/** Seconds from some milliseconds to a quarter of an hour. */
const pathBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900]
/** Seconds one request to a neighbour may take. */
const requestBuckets = [0.001, 0.0025, 0.01, 0.025, 0.1, 0.5, 2, 10]
export const buckets = { path: pathBuckets, request: requestBuckets } as const

export type Instruments = ReturnType<typeof createInstruments>

export function createInstruments(registry: Registry) {
  const common = (name: string, help: string) => ({ name, help, registers: [registry] })

  function count(name: string, help: string): Count {
    const counter = new Counter(common(name, help))
    return countOf((amount) => counter.inc(amount))
  }

  function level(name: string, help: string): Level {
    const gauge = new Gauge(common(name, help))
    // Shows only once it was set: a checkpoint that was never written is not one of 1970.
    gauge.remove()
    return levelOf((value) => gauge.set(value))
  }

  function spans(name: string, help: string, bounds: readonly number[]): Spans {
    const histogram = new Histogram({ ...common(name, help), buckets: [...bounds] })
    return spansOf((value) => histogram.observe(value))
  }

  /** Always 1; what there is to know is in the labels. */
  function info(name: string, help: string, labels: Readonly<Record<string, string>>): void {
    new Gauge({ ...common(name, help), labelNames: Object.keys(labels) }).set(labels, 1)
  }

  return { count, level, spans, info, ...createFamilies(common) }
}

type Common = (
  name: string,
  help: string,
) => Readonly<Record<'name' | 'help', string>> & {
  registers: Registry[]
}

/** Instruments with closed sets of labels. */
function createFamilies(common: Common) {
  function counts<const L extends string>(
    name: string,
    help: string,
    label: string,
    values: readonly L[],
  ): Family<L, Count> {
    const counter = new Counter({ ...common(name, help), labelNames: [label] })
    return family(values, (value) => {
      const child = counter.labels({ [label]: value })
      child.inc(0)
      return countOf((amount) => child.inc(amount))
    })
  }

  /** Like counts(), but a value shows only once it was set: a ratio of nothing is not 0. */
  function levels<const L extends string>(
    name: string,
    help: string,
    label: string,
    values: readonly L[],
  ): Family<L, Level> {
    const gauge = new Gauge({ ...common(name, help), labelNames: [label] })
    return family(values, (value) => levelOf((now) => gauge.set({ [label]: value }, now)))
  }

  function requests<const L extends string>(
    name: string,
    help: string,
    values: readonly L[],
  ): Family<L, Spans> {
    const histogram = new Histogram({
      ...common(name, help),
      labelNames: ['operation'],
      buckets: [...buckets.request],
    })
    return family(values, (value) => {
      const child = histogram.labels({ operation: value })
      return spansOf((seconds) => child.observe(seconds))
    })
  }

  /** A level with two closed labels, for «which ranker on which events». */
  function grid<const A extends string, const B extends string>(
    name: string,
    help: string,
    labels: readonly [string, string],
    values: readonly [readonly A[], readonly B[]],
  ): (first: A, second: B) => ((value: number) => void) | undefined {
    const gauge = new Gauge({ ...common(name, help), labelNames: [...labels] })
    return (first, second) => {
      if (!values[0].includes(first) || !values[1].includes(second)) return undefined
      const at = { [labels[0]]: first, [labels[1]]: second }
      return (value) => gauge.set(at, value)
    }
  }

  return { counts, levels, requests, grid }
}

/** How often the delay of the event loop is looked at: each time wakes the process. */
const eventLoopLookMs = 50

/** Node's own: event-loop delay, garbage collection, heap, handles. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopLookMs })
}

function countOf(grow: (amount: number) => void): Count {
  let total = 0
  return {
    add: (amount = 1) => {
      grow(amount)
      total += amount
    },
    total: () => total,
  }
}

function levelOf(put: (value: number) => void): Level {
  let last: number | undefined
  return {
    set: (value) => {
      put(value)
      last = value
    },
    value: () => last,
  }
}

const recentMax = 256

function spansOf(observe: (value: number) => void): Spans {
  const recent: number[] = []
  let total = 0
  const quantile = (share: number): number | undefined =>
    recent.toSorted((a, b) => a - b)[Math.min(recent.length - 1, Math.floor(share * recent.length))]
  return {
    observe: (value) => {
      observe(value)
      recent[total % recentMax] = value
      total++
    },
    median: () => quantile(0.5),
    quantile,
    total: () => total,
  }
}

function family<L extends string, H>(
  values: readonly L[],
  make: (value: string) => H,
): Family<L, H> {
  const handles = new Map<string, H>(values.map((value) => [value, make(value)]))
  const other = handles.get('other') ?? make('other')
  const from = (label: string): H => handles.get(label) ?? other
  return {
    of: from,
    from,
    all: () => [...handles.values(), other],
    entries: () => [...handles],
  }
}
