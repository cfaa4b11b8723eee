// The sizes and strengths of the synthetic world; what each means is in the formulas of world.ts.

export interface WorldOptions {
  readonly seed: number
  readonly users: number
  readonly items: number
  readonly events: number
  /** Event time of the beginning, ms since the epoch. */
  readonly startMs: number
  /** About how many days the events take: the rates of visits are set accordingly. */
  readonly days: number
  readonly topics: number
  /** d, the length of places and tastes. */
  readonly dimensions: number
  /** s of the appeal r^-s. */
  readonly popularitySkew: number
  /** Share of the catalogue that is born during the days instead of before. */
  readonly bornLater: number
  readonly novelty: number
  readonly noveltyDays: number
  readonly wave: number
  readonly focus: number
  readonly taste: number
  readonly closeness: number
  /** A step of drift per visit, 0 (none) … 1 (a new person each time). */
  readonly drift: number
  readonly stay: number
  readonly visitGapMinutes: number
  readonly undo: number
  /** People arrive uniformly over this first share of the days. */
  readonly arriveWithin: number
}

/** About 60 events per person; a worker that learns an event in 150-300 µs is done in half a minute. */
export const defaultWorld: WorldOptions = {
  seed: 1,
  users: 2_000,
  items: 1_500,
  events: 120_000,
  startMs: 1_704_067_200_000,
  days: 60,
  topics: 12,
  dimensions: 6,
  popularitySkew: 1,
  bornLater: 0.4,
  novelty: 8,
  noveltyDays: 4,
  wave: 1,
  focus: 1.2,
  taste: 0.8,
  closeness: 2,
  drift: 0.15,
  stay: 0.75,
  visitGapMinutes: 2,
  undo: 0.02,
  arriveWithin: 0.8,
}
