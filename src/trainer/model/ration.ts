// Which events get which work at less than the full effort, evenly spread over all events that come.

export interface Ration {
  /** Whether the event is ranked before it is learned, for the measures of quality. */
  measures(effort: number): boolean
  /** Whether the output weights and the event's own draws learn from it. */
  learns(effort: number): boolean
}

/** The draws of the event itself are shed last: they get so many times the effort. */
const learnsPerEffort = 2

/** `measureMin`: share of the events that is measured however little work the rest gets. */
export function createRation(measureMin: number): Ration {
  const measured = createPortions()
  const learned = createPortions()
  return {
    measures: (effort) => measured(Math.max(measureMin, effort)) > 0,
    learns: (effort) => learned(Math.min(1, learnsPerEffort * effort)) > 0,
  }
}

/** Adds up the shares it is called with; each call returns the whole units reached and keeps the fraction. */
export function createPortions(): (share: number) => number {
  let sum = 0
  return (share) => {
    sum += share
    const whole = Math.floor(sum)
    sum -= whole
    return whole
  }
}
