// Our own ways of reading what avsc would read in a way that cannot be trusted or is not exact: longs, unions, and
// the elements of arrays and maps, of which there are no more than a datum has bytes.

/** What the library reads bytes through. */
export interface Tap {
  readonly buf: Buffer
  pos: number
  readLong(): number
  skipLong(): void
  readString(): string
}

export type Read = (tap: Tap) => unknown

/** A type that can be read. */
export interface Readable {
  readonly _read: Read
}

/** Of arrays and maps in the datum under way: each takes a byte at least, but for those of nothing at all. */
let elementsLeft = 0

/** To be called with the bytes of each datum before it is read. */
export function boundElements(bytes: number): void {
  elementsLeft = bytes
}

export function unionReader(types: readonly Readable[]): Read {
  return (tap) => {
    const index = tap.readLong()
    const branch = types[index]
    if (branch === undefined) throw new Error(`invalid union index: ${index}`)
    return branch._read(tap)
  }
}

export function readArray(tap: Tap, items: Readable): unknown[] {
  const elements: unknown[] = []
  for (let count = blockOf(tap); count > 0; count = blockOf(tap)) {
    for (let k = 0; k < count; k++) elements.push(items._read(tap))
  }
  return elements
}

export function readMap(tap: Tap, values: Readable): unknown {
  const entries: Record<string, unknown> = Object.create(null)
  for (let count = blockOf(tap); count > 0; count = blockOf(tap)) {
    for (let k = 0; k < count; k++) {
      const name = tap.readString()
      entries[name] = values._read(tap)
    }
  }
  return entries
}

/** The number of elements in the next block; 0 at the end. */
function blockOf(tap: Tap): number {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.skipLong()
  }
  elementsLeft -= count
  if (elementsLeft < 0 || tap.pos > tap.buf.length) {
    throw new Error(`${count} elements are announced, more than there are bytes`)
  }
  return count
}

/** Bytes of a long that a double holds exactly, and all that a long may have. */
const exactBytes = 7
const longBytesMax = 10

/** A long as a number where that is exact, else as a bigint. The library turns some negative longs positive. */
export function readLong(tap: Tap): number | bigint {
  const { buf } = tap
  let value = 0
  let scale = 1
  let at = tap.pos
  let byte: number
  let bytes = 0
  do {
    byte = buf[at++] ?? 0
    value += (byte & 0x7f) * scale
    scale *= 128
    bytes++
  } while (byte > 0x7f && bytes < exactBytes)
  if (byte <= 0x7f) {
    tap.pos = at
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  return readLongTail(tap, at, BigInt(value))
}

function readLongTail(tap: Tap, from: number, head: bigint): number | bigint {
  let value = head
  let at = from
  let byte: number
  let bytes = exactBytes
  do {
    byte = tap.buf[at++] ?? 0
    value |= BigInt(byte & 0x7f) << BigInt(7 * bytes++)
  } while (byte > 0x7f && bytes < longBytesMax)
  if (byte > 0x7f) throw new Error('a long has more than 10 bytes')
  tap.pos = at
  const decoded = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  const number = Number(decoded)
  return Number.isSafeInteger(number) ? number : decoded
}
