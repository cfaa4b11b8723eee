// Arrays that grow. A large one lies in a memory of its own, which grows where it is: to copy a hundred megabytes, as
// the tables of a million users and items are when they double, takes longer than a trainer may be silent for.

export type Numbers =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Uint16Array
  | Int16Array
  | Uint8Array

type Wide<A extends Numbers> = A extends Float64Array
  ? Float64Array
  : A extends Float32Array
    ? Float32Array
    : A extends Int32Array
      ? Int32Array
      : A extends Uint32Array
        ? Uint32Array
        : A extends Uint16Array
          ? Uint16Array
          : A extends Int16Array
            ? Int16Array
            : Uint8Array

/** Of WebAssembly: the part of the interface that is used; the types of the language leave it out. */
export interface Memory {
  readonly buffer: ArrayBufferLike
  grow(pages: number): number
}
export type MakeMemory = new (pages: { initial: number; maximum: number; shared: true }) => Memory

/** Up to this many bytes an array is copied. */
const copiedMax = 2 ** 20
/** Bytes by which a memory grows. */
export const PAGE = 65_536
/** Of a memory, whose addresses have 32 bits. */
const pagesMax = 2 ** 16

/** By the buffers that they have or had: those of before show their beginning. */
const memories = new WeakMap<ArrayBufferLike, Memory>()

/**
 * An array of `length` numbers, no fewer than there are, that begins with those of `array`; the others are `rest`. It
 * takes the place of the one that is given, which may or may not show what is written to it.
 */
export function longer<A extends Numbers>(array: A, length: number, rest = 0): Wide<A> {
  const make = array.constructor as new (from: ArrayBufferLike | number, ...at: number[]) => Wide<A>
  const bytes = length * array.BYTES_PER_ELEMENT
  const own = array.byteOffset === 0 ? memories.get(array.buffer) : undefined
  const memory = bytes <= copiedMax ? undefined : reached(own ?? opened(), bytes)
  const more = memory === undefined ? new make(length) : new make(memory.buffer, 0, length)
  if (memory === undefined || memory !== own) more.set(array as never)
  if (rest !== 0) more.fill(rest, array.length)
  return more
}

/** Numbers of an array that is used again; a longer one is made for each use. */
const scratchMax = 2 ** 19

/** Arrays of a length with any numbers, valid until the next one is asked for: nothing is left to be collected. */
export function createScratch<A extends Numbers>(Kind: new (length: number) => Wide<A>) {
  let kept = new Kind(0)
  return (length: number): Wide<A> => {
    if (length > scratchMax) return new Kind(length)
    if (kept.length < length) kept = new Kind(length)
    return kept.subarray(0, length) as Wide<A>
  }
}

/** Shared, so that views of it survive its growth. undefined: there is none to be had, and arrays are copied. */
function opened(): Memory | undefined {
  const api = (globalThis as { WebAssembly?: { Memory: MakeMemory } }).WebAssembly
  return api && attempt(() => new api.Memory({ initial: 0, maximum: pagesMax, shared: true }))
}

/** The memory with at least so many bytes, new ones 0; undefined where there is no room. */
function reached(memory: Memory | undefined, bytes: number): Memory | undefined {
  if (memory === undefined || attempt(() => growTo(memory, bytes)) === undefined) return undefined
  memories.set(memory.buffer, memory)
  return memory
}

/**
 * V8 does not count shared memories when it decides whether to collect garbage, so those that nobody uses any more
 * would pile up. With each one goes a buffer of about its size, which is counted, and takes no memory since it is never
 * touched: one that could be resized lies by itself, while a plain one may get memory that was used before, and then it
 * is cleared.
 */
const counted = new WeakMap<Memory, ArrayBuffer>()
/** The types of the language of today leave it out. */
const Resizable = ArrayBuffer as new (
  bytes: number,
  bound: { maxByteLength: number },
) => ArrayBuffer
/** How many times as large as its buffer a memory may be: each new buffer of hundreds of megabytes makes V8 collect. */
const countedWithin = 1.5

/**
 * Makes all addresses below `bytes` exist; what is there stays. Returns false if they exist already.
 * @throws RangeError where there is no room
 */
export function growTo(memory: Memory, bytes: number): boolean {
  const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE
  if (pages <= 0) return false
  memory.grow(pages)
  const { byteLength } = memory.buffer
  if (byteLength > countedWithin * (counted.get(memory)?.byteLength ?? 0)) {
    counted.set(memory, new Resizable(byteLength, { maxByteLength: byteLength }))
  }
  return true
}

/** undefined: there is no room for it. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof RangeError) return undefined
    throw cause
  }
}
