// Moves in a quarter of the bytes. A row is divided into groups of neighbouring numbers; of each group one power of two
// is sent, the step, and of each number how many steps it is, in one byte: the largest of a group has six or seven
// significant bits. What is rounded off is not lost: it stays with the author as if it had been learned just now.

import type { Steps } from './record.ts'
import type { SharedPiece } from './rows.ts'

/** Numbers in a group at most: more share a step with numbers of another size. */
const groupMax = 16
const stepsMax = 127
/** By the bits of a signed byte, 2 to its power: computing it anew takes longer than all that is done with it. */
export const powers = Float64Array.from({ length: 256 }, (_, bits) => 2 ** ((bits << 24) >> 24))
const words = new Uint32Array(1)
const floats = new Float32Array(words.buffer)

/** Groups do not reach over two arrays: what lies in them differs in size. */
export function groupsOf(pieces: readonly SharedPiece[]): number[] {
  return pieces.flatMap(({ width }) => {
    const count = Math.ceil(width / groupMax)
    return Array.from({ length: count }, (_, g) => Math.min(groupMax, width - g * groupMax))
  })
}

/** Rounds the rows in place and returns them as steps. */
export function roundRows(values: Float32Array, width: number, groups: readonly number[]): Steps {
  const rows = values.length / width
  const exponents = new Int8Array(rows * groups.length)
  const steps = new Int8Array(values.length)
  let at = 0
  for (let g = 0; at < values.length; g++) {
    const end = at + groups[g % groups.length]!
    let largest = 0
    // Math.max() would take half of the time of all this.
    for (let k = at; k < end; k++) {
      const size = Math.abs(values[k]!)
      if (size > largest) largest = size
    }
    const exponent = exponentFor(largest)
    const step = powers[exponent & 255]!
    const perStep = 1 / step
    exponents[g] = exponent
    for (; at < end; at++) {
      const value = values[at]! * perStep
      steps[at] = value < 0 ? -((0.5 - value) | 0) : (value + 0.5) | 0
      values[at] = steps[at]! * step
    }
  }
  return { groups, exponents, steps }
}

/** The rows again, to the bit. */
export function unroundRows({ groups, exponents, steps }: Steps): Float32Array<ArrayBuffer> {
  const values = new Float32Array(steps.length)
  let at = 0
  for (let g = 0; g < exponents.length; g++) {
    const step = powers[exponents[g]! & 255]!
    for (const end = at + groups[g % groups.length]!; at < end; at++) values[at] = steps[at]! * step
  }
  return values
}

/** The least power of two of which no more steps than fit into a byte make the number. */
function exponentFor(largest: number): number {
  if (largest === 0) return 0
  floats[0] = largest / stepsMax
  // The exponent of the next power of two above: its bits, rounded up.
  const exponent = ((words[0]! + 0x7f_ffff) >>> 23) - 127
  return Math.max(-126, Math.min(127, exponent))
}
