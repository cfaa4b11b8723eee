// Arrays of integers in one shared WebAssembly memory. It is shared so that arrays stay readable when it grows: all
// views of an ordinary memory are lost then. Freed memory is used again, and neighbouring pieces are joined, so that
// arrays that double leave room for the next of their kind.

import { growTo, type Memory } from '../../../arrays.ts'
import { Failure } from '../../../errors.ts'
import type { IntMemory } from '../../../ports/draws.ts'
import { memoryMax } from '../kernel/module.ts'

interface Piece {
  readonly at: number
  readonly bytes: number
}

/** Loops may read four numbers at a time. */
const alignment = 16

export interface WasmInts extends IntMemory {
  /** Whether the array was taken here and has not been freed. */
  holds(array: Int32Array): boolean
}

/** Arrays from byte `from` of the memory on. */
export function createIntMemory(memory: Memory, from: number, bytesMax = memoryMax): WasmInts {
  const held = new WeakSet<Int32Array>()
  /** Free pieces in the order of their addresses; no two of them touch. */
  let pieces: Piece[] = []
  let end = from

  /** In the first piece that is large enough, or at the end. */
  function place(bytes: number): number {
    const k = pieces.findIndex((piece) => piece.bytes >= bytes)
    const piece = pieces[k]
    if (piece === undefined) return placeAtEnd(bytes)
    const rest = { at: piece.at + bytes, bytes: piece.bytes - bytes }
    pieces.splice(k, 1, ...(rest.bytes > 0 ? [rest] : []))
    return piece.at
  }

  function placeAtEnd(bytes: number): number {
    const last = pieces.at(-1)
    const at = last !== undefined && last.at + last.bytes === end ? last.at : end
    if (at + bytes > bytesMax) refuse(at + bytes, bytesMax)
    if (at < end) pieces.pop()
    end = at + bytes
    growTo(memory, end)
    return at
  }

  return {
    take(length) {
      // The address comes first: it may grow the memory and so replace its buffer.
      const at = place(bytesFor(4 * length))
      const array = new Int32Array(memory.buffer, at, length).fill(0)
      held.add(array)
      return array
    },
    free(array) {
      held.delete(array)
      const at = array.byteOffset
      const bytes = bytesFor(array.byteLength)
      const after = pieces.findIndex((piece) => piece.at > at)
      pieces.splice(after < 0 ? pieces.length : after, 0, { at, bytes })
      pieces = joined(pieces)
    },
    holds: (array) => held.has(array),
  }
}

/** A multiple of the alignment, and never zero, so that no two arrays begin at the same byte. */
function bytesFor(bytes: number): number {
  return Math.max(Math.ceil(bytes / alignment) * alignment, alignment)
}

function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  for (const piece of pieces) {
    const last = all.at(-1)
    if (last === undefined || last.at + last.bytes < piece.at) all.push(piece)
    else all[all.length - 1] = { at: last.at, bytes: last.bytes + piece.bytes }
  }
  return all
}

function refuse(bytes: number, bytesMax: number): never {
  const gibibytes = (n: number) => (n / 2 ** 30).toFixed(2)
  throw new Failure(
    'LIMIT_REACHED',
    `the positive sets need ${gibibytes(bytes)} GiB, the WebAssembly memory they are drawn from ends at ` +
      `${gibibytes(bytesMax)} GiB: lower --users-max or --positives-per-user-max, or use --engine arrays, which has ` +
      'no such limit',
  )
}
