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

/** What the formulas of shop.ts have besides. */
export interface ShopOptions extends WorldOptions {
  readonly wander: number
  readonly eagerness: number
  readonly reluctance: number
  readonly cartShare: number
  readonly checkout: number
  readonly directShare: number
  readonly till: number
  readonly sharpness: number
  readonly stockDays: number
  readonly outDays: number
}

/** About twelve views for a purchase. */
export const defaultShop: ShopOptions = {
  ...defaultWorld,
  ...{ users: 1_000, items: 1_000, events: 60_000, days: 30, stay: 0.85 },
  ...{ wander: 0.5, eagerness: 2, reluctance: 1.5 },
  ...{ cartShare: 0.4, checkout: 0.4, directShare: 0.1, stockDays: 8, outDays: 2 },
  ...{ till: 0.05, sharpness: 2 },
}

/** @throws RangeError */
export function checkOptions(options: WorldOptions): void {
  for (const name of ['users', 'items', 'events', 'topics', 'dimensions'] as const) {
    if (Number.isInteger(options[name]) && options[name] > 0) continue
    throw new RangeError(`world: expected a whole number of ${name} above 0, got ${options[name]}`)
  }
  // Nobody takes an item twice: without this bound the last event might never come.
  const most = Math.floor((options.users * options.items) / 2)
  if (options.events > most) {
    throw new RangeError(`world: expected at most ${most} events for so few users and items`)
  }
}

export function names(letter: string, count: number): string[] {
  const digits = String(count - 1).length
  return Array.from({ length: count }, (_, k) => letter + String(k).padStart(digits, '0'))
}
