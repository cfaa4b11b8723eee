// Arithmetic over a whole catalogue, or over what items have of a history, that belongs to no network, in memories of
// its own, which grow with the largest.

import { PAGE } from '../../arrays.ts'
import { Failure } from '../../errors.ts'
import type { Catalogue } from '../../ports/catalogue.ts'
import { createCountSums } from './count-sums.ts'
import { createPlaces } from './feature-sums.ts'
import { createKernel } from './kernel/kernel.ts'

export function createCatalogue(): Catalogue {
  const kernel = createKernel()
  let doubles: Float64Array = new Float64Array(0)
  /** Where the logarithms of the last call still are; -1: nowhere. */
  let kept = -1

  function reserve(bytes: number, n: number): void {
    if (kernel.reserve(bytes)) return
    throw new Failure('LIMIT_REACHED', `a catalogue of ${n} items passes the 4 GiB of a memory`)
  }

  return {
    logs(counts, n, scales, weights, onto, same = false) {
      const kinds = scales.length
      if (counts.length < n * kinds || weights.length < kinds) {
        throw new RangeError(
          `${counts.length} counts, ${weights.length} weights: ${n} × ${kinds} wanted`,
        )
      }
      const all = n * kinds
      const from = PAGE
      const scaleAt = from + 8 * all + 64
      const weightAt = scaleAt + 32 * kinds
      const logsAt = (weightAt + 4 * kinds + 15) & ~15
      const out = (logsAt + 4 * all + 31) & ~15
      reserve(out + 4 * n, n)
      if (!same || kept !== logsAt) {
        if (doubles.buffer !== kernel.floats.buffer)
          doubles = new Float64Array(kernel.floats.buffer)
        doubles.set(counts.length === all ? counts : counts.subarray(0, all), from / 8)
        for (let time = 0; time < 4; time++) doubles.set(scales, scaleAt / 8 + time * kinds)
        kernel.countLogs(from, n, kinds, scaleAt, logsAt)
        kept = logsAt
      }
      kernel.floats.set(
        weights.length === kinds ? weights : weights.subarray(0, kinds),
        weightAt / 4,
      )
      if (onto !== undefined) kernel.floats.set(onto.subarray(0, n), out / 4)
      const add = onto === undefined ? 0 : 1
      kernel.sumLogs(logsAt, n, kinds, weightAt, out, add)
      return kernel.floats.subarray(out / 4, out / 4 + n)
    },
    log1p(values, from, n) {
      if (!(from >= 0 && n >= 0 && from + n <= values.length)) {
        throw new RangeError(`${n} values from ${from} on of ${values.length}`)
      }
      reserve(PAGE + 4 * n + 16, n)
      if (PAGE + 4 * n + 16 > kept) kept = -1
      kernel.floats.set(values.subarray(from, from + n), PAGE / 4)
      kernel.logs(PAGE, n)
      values.set(kernel.floats.subarray(PAGE / 4, PAGE / 4 + n), from)
    },
    lagFeatures: createLagFeatures(),
    countSums: createCountSums,
  }
}

/** In a memory of its own: counts, what they are multiplied with, and what is found. */
function createLagFeatures(): Catalogue['lagFeatures'] {
  const kernel = createKernel()
  let doubles = new Float64Array(kernel.floats.buffer)

  return ({ n, lags, counts, factors, ends, scales, order, bent }, features, sums) => {
    const bins = ends.length
    const rows = bins + 2
    const fits = counts.length >= lags * n && factors.length >= lags && features.length >= rows * n
    if (!fits || Math.min(scales.length, order.length, sums.length) < n) {
      throw new RangeError(`${counts.length} counts: ${lags} × ${n} wanted, and room for as many`)
    }
    const place = createPlaces(PAGE)
    const pitch = 16 * Math.ceil(n / 2)
    const at = { counts: place(4 * lags * n + 8), factors: place(8 * lags), ends: place(4 * bins) }
    const to = { scales: place(pitch), order: place(4 * n), out: place(4 * rows * n) }
    const found = place(rows * pitch)
    if (!kernel.reserve(place(0))) {
      throw new Failure('LIMIT_REACHED', `the history of ${n} items passes the 4 GiB of a memory`)
    }
    const { ints, floats } = kernel
    if (doubles.buffer !== floats.buffer) doubles = new Float64Array(floats.buffer)
    ints.set(counts.subarray(0, lags * n), at.counts / 4)
    for (let l = 0; l < lags; l++) doubles[at.factors / 8 + l] = factors[l]!
    for (let b = 0; b < bins; b++) ints[at.ends / 4 + b] = ends[b]!
    doubles.set(scales.subarray(0, n), to.scales / 8)
    ints.set(order.subarray(0, n), to.order / 4)
    kernel.lagSums(
      ...[at.counts, n, lags, at.factors, at.ends, bins, to.scales, bent, found, pitch],
    )
    kernel.placeRows(found, pitch, rows, n, to.order, to.out)
    features.set(floats.subarray(to.out / 4, to.out / 4 + rows * n))
    const from = (found + (bins - 1) * pitch) / 8
    for (let x = 0; x < n; x++) sums[order[x]!] = doubles[from + x]!
  }
}
