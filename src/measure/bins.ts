// Sums over a stream of unknown length, kept so that «the last 30 % of it» can be asked at any time: a fixed
// number of bins in order of arrival, which merge in pairs whenever all are full.

export const binCount = 1024

export interface Bins {
  /** Counts one event; `values` are added to its bin (missing ones as 0). */
  add(values: Float64Array): void
  /** Sums over the events from `share` of the stream on; exact to one bin (under a thousandth of the stream). */
  since(share: number): Float64Array
  readonly events: number
  save(): Float64Array
  restore(state: Float64Array): void
}

/** `width`: numbers per event. */
export function createBins(width: number): Bins {
  const sums = new Float64Array(binCount * width)
  let binEvents = 1
  let events = 0

  function merge(): void {
    for (let bin = 0; bin < binCount / 2; bin++) {
      for (let k = 0; k < width; k++) {
        sums[bin * width + k] = sums[2 * bin * width + k]! + sums[(2 * bin + 1) * width + k]!
      }
    }
    sums.fill(0, (binCount / 2) * width)
    binEvents *= 2
  }

  return {
    add(values) {
      if (events === binCount * binEvents) merge()
      const at = Math.floor(events / binEvents) * width
      for (let k = 0; k < width; k++) sums[at + k]! += values[k]!
      events++
    },
    since(share) {
      const total = new Float64Array(width)
      const from = Math.ceil((share * events) / binEvents)
      for (let bin = from; bin * binEvents < events; bin++) {
        for (let k = 0; k < width; k++) total[k]! += sums[bin * width + k]!
      }
      return total
    },
    get events() {
      return events
    },
    save() {
      const state = new Float64Array(2 + sums.length)
      state.set([events, binEvents])
      state.set(sums, 2)
      return state
    },
    restore(state) {
      events = state[0] ?? 0
      binEvents = state[1] ?? 1
      sums.set(state.subarray(2, 2 + sums.length))
    },
  }
}
