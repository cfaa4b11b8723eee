// What a long run says of itself: from samples along the way to the few numbers that tell whether anything grows.

export interface Sample {
  /** Since the start. */
  readonly seconds: number
  readonly rssMb: number
  readonly eventLoopP99Ms: number
  readonly applied: number
  readonly lists: number
  readonly rebalances: number
}

export interface SoakFigures {
  readonly seconds: number
  readonly events: number
  readonly eventsPerSecond: number
  readonly lists: number
  readonly rebalances: number
  /** At the start of the second half, when caches and sets are full, and at the end. */
  readonly rssMiddleMb: number
  readonly rssEndMb: number
  readonly rssMaxMb: number
  /** Least squares over the second half. */
  readonly rssSlopeMbPerHour: number
  /** The median and the largest of the spans between two samples. */
  readonly eventLoopP99Ms: { readonly p50: number; readonly max: number }
}

/** How much memory may seem to grow over the second half, as a share of it: a heap grows and shrinks. */
export const growthMax = 0.1

/** @throws Error for fewer than four samples: nothing can be said of them. */
export function figuresOf(samples: readonly Sample[]): SoakFigures {
  const last = samples.at(-1)
  if (last === undefined || samples.length < 4) throw new Error('too few samples')
  const second = samples.slice(Math.floor(samples.length / 2))
  const rss = second.map(({ seconds, rssMb }) => [seconds, rssMb] as const)
  const delays = samples.map(({ eventLoopP99Ms }) => eventLoopP99Ms).sort((a, b) => a - b)
  return {
    seconds: round(last.seconds),
    events: last.applied,
    eventsPerSecond: Math.round(last.applied / last.seconds),
    lists: last.lists,
    rebalances: last.rebalances,
    rssMiddleMb: round(second[0]!.rssMb),
    rssEndMb: round(last.rssMb),
    rssMaxMb: round(Math.max(...samples.map(({ rssMb }) => rssMb))),
    rssSlopeMbPerHour: round(slope(rss) * 3_600),
    eventLoopP99Ms: {
      p50: round(delays[Math.floor(delays.length / 2)]!),
      max: round(delays.at(-1)!),
    },
  }
}

export function isFlat({ seconds, rssMiddleMb, rssSlopeMbPerHour }: SoakFigures): boolean {
  return (rssSlopeMbPerHour * seconds) / 2 / 3_600 <= growthMax * rssMiddleMb
}

/** Of the line through the points with the least squares of its errors. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const n = points.length
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n
  let both = 0
  let square = 0
  for (const [x, y] of points) {
    both += (x - meanX) * (y - meanY)
    square += (x - meanX) ** 2
  }
  return square === 0 ? 0 : both / square
}

function round(value: number): number {
  return Number(value.toFixed(1))
}
