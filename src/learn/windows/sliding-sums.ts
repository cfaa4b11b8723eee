// The weights of a block along a window, by which the sum over a history is updated from one target to the next instead
// of being computed anew: h ← decay·h + entry·c_t - Σ drop_j·c_j. The same weights as HistoryBlock's, and the same cut.

import type { HistoryBlock, NetworkSpec } from '../../ports/engine.ts'

const WEIGHT_MIN = 0.02

/** Words per item of a plan: decay, entry, scale, start, drop (floats) and inside (int). */
export const planWords = 6

export interface WindowTimes {
  /** Items of the window are [from, to) of `times`. */
  readonly from: number
  readonly to: number
  readonly times: Float64Array
  readonly before: number
}

export interface SlidingSums {
  /** Writes the plan of the block for a window of n items at floats[at … at + 6n), array after array. */
  fill(floats: Float32Array, ints: Int32Array, at: number, window: WindowTimes): void
}

export function createSlidingSums(spec: NetworkSpec, block: HistoryBlock): SlidingSums {
  const shift = spec.startItem ? 1 : 0
  return block.kind === 'time' ? byTime(block) : byPlace(block, shift)
}

/** Long and short blocks: weights depend on the place alone, so scales are looked up by length. */
function byPlace(block: Exclude<HistoryBlock, { kind: 'time' }>, shift: number): SlidingSums {
  const { length, power } = block
  const decay = block.kind === 'short' ? block.decay : 1
  const powers = new Float64Array(length + 2)
  const scales = new Float64Array(length + 2)
  let mass = 0
  for (let n = 0; n < powers.length; n++) {
    powers[n] = decay ** n
    scales[n] = n === 0 ? 0 : mass ** -power
    mass += powers[n]!
  }
  return {
    fill(floats, ints, at, { from, to, before }) {
      const n = to - from
      for (let t = 0; t < n; t++) {
        const taken = Math.min(t, length)
        const reaches = shift === 1 && taken === before + t
        floats[at + t] = decay
        floats[at + n + t] = 1
        floats[at + 2 * n + t] = scales[taken + (reaches ? 1 : 0)]!
        floats[at + 3 * n + t] = reaches ? powers[taken]! : 0
        floats[at + 4 * n + t] = powers[length]!
        ints[at + 5 * n + t] = Math.max(0, t + 1 - length)
      }
    },
  }
}

function byTime(block: Extract<HistoryBlock, { kind: 'time' }>): SlidingSums {
  const { length, power, seconds } = block
  return {
    fill(floats, ints, at, { from, to, times }) {
      const n = to - from
      let oldest = 0
      let mass = 0
      for (let t = 0; t < n; t++) {
        floats[at + 2 * n + t] = (1 + mass) ** -power
        floats[at + 3 * n + t] = 0
        const next = times[from + Math.min(t + 1, n - 1)]!
        const decay = Math.exp(-(next - times[from + t]!) / seconds)
        floats[at + t] = decay
        floats[at + n + t] = decay
        mass = (mass + 1) * decay
        for (; oldest <= t; oldest++) {
          const weight = Math.exp(-(next - times[from + oldest]!) / seconds)
          if (weight >= WEIGHT_MIN && t + 1 - oldest <= length) break
          floats[at + 4 * n + oldest] = weight
          mass -= weight
        }
        ints[at + 5 * n + t] = oldest
        if (oldest === t + 1) mass = 0
      }
      for (let j = oldest; j < n; j++) floats[at + 4 * n + j] = 0
    },
  }
}
