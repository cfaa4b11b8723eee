// Arrays of integers that grow: in ordinary memory, or in memory that an engine lends so that it can draw from them.

import { longer } from '../arrays.ts'
import type { IntMemory } from '../ports/draws.ts'

export const heap: IntMemory = { take: (length) => new Int32Array(length), free() {} }

/** `array` with `length` numbers, the new ones `rest`. The old one is given back. */
export function enlarged(
  memory: IntMemory,
  array: Int32Array,
  length: number,
  rest = 0,
): Int32Array {
  if (memory === heap) return longer(array, length, rest)
  const larger = memory.take(length)
  larger.set(array)
  if (rest !== 0) larger.fill(rest, array.length)
  memory.free(array)
  return larger
}
