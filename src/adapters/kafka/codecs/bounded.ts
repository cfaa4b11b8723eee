// What the decompressors share: a buffer that grows up to a bound, and the errors of bad input.

/** A batch that would inflate beyond the bound. kafkajs must not try again: it would stay as it is. */
export class InflationError extends Error {
  readonly retriable = false

  constructor(codec: string, bytesMax: number) {
    super(`a ${codec} batch inflates beyond ${bytesMax} bytes`)
    this.name = 'InflationError'
  }
}

/** Bytes that are not of the format they claim. */
export function corrupt(codec: string, what: string): Error {
  return Object.assign(new Error(`corrupt ${codec} batch: ${what}`), { retriable: false })
}

/** A buffer with room for `needed` bytes, holding the first `used` of `bytes`. */
export function grown(
  bytes: Buffer,
  used: number,
  needed: number,
  codec: string,
  bytesMax: number,
): Buffer {
  if (needed <= bytes.length) return bytes
  if (needed > bytesMax) throw new InflationError(codec, bytesMax)
  const larger = Buffer.allocUnsafe(Math.min(bytesMax, Math.max(needed, bytes.length * 2)))
  bytes.copy(larger, 0, 0, used)
  return larger
}

/** Copies `length` bytes from `distance` back; the ranges may overlap, which repeats a pattern. */
export function copyBack(out: Buffer, at: number, distance: number, length: number): void {
  if (distance >= length) {
    out.copyWithin(at, at - distance, at - distance + length)
    return
  }
  for (let k = 0; k < length; k++) out[at + k] = out[at + k - distance]!
}
