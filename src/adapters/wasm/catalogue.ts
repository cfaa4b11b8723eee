// Arithmetic over a whole catalogue that belongs to no network, in a memory of its own, which grows with the largest.

import { PAGE } from '../../arrays.ts'
import { Failure } from '../../errors.ts'
import type { Catalogue } from '../../ports/catalogue.ts'
import { createCountSums } from './count-sums.ts'
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
    countSums: createCountSums,
  }
}
