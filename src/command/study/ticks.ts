// Round numbers for an axis, and the way from a value to a place.

export interface Axis {
  readonly ticks: readonly number[]
  /** 0 … 1 from the axis' beginning to its end. */
  readonly place: (value: number) => number
}

/** Ticks at round steps that hold all values, about `count` of them. */
export function linearAxis(values: readonly number[], count: number): Axis {
  const [low, high] = rangeOf(values)
  const step = roundStep((high - low) / count)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  const ticks = Array.from({ length: last - first + 1 }, (_, k) => exact((first + k) * step))
  return axis(ticks, (value) => value)
}

/** A tick at every value; equal factors are equal steps. All values are above 0. */
export function logAxis(values: readonly number[]): Axis {
  const ticks = [...new Set(values)].sort((a, b) => a - b)
  return axis(ticks.length > 1 ? ticks : [ticks[0]! / 2, ...ticks, 2 * ticks[0]!], Math.log)
}

function axis(ticks: readonly number[], measure: (value: number) => number): Axis {
  const from = measure(ticks[0]!)
  const length = measure(ticks.at(-1)!) - from
  return { ticks, place: (value) => (measure(value) - from) / length }
}

function rangeOf(values: readonly number[]): readonly [number, number] {
  const low = Math.min(...values)
  const high = Math.max(...values)
  return high > low ? [low, high] : [low - 0.5, high + 0.5]
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const times = [1, 2, 5, 10].find((one) => one * power >= step * (1 - 1e-9)) ?? 10
  return times * power
}

function exact(value: number): number {
  return Number(value.toPrecision(12))
}
