// Where the arrays of a scan lie in its memory: first what does not depend on the number of items, then the arrays by
// item one after the other. When they are full they move upwards, from the last to the first.

import { createMemory, growTo, join, memoryMax, moduleOf, PAGE } from '../kernel/module.ts'

/** Addresses in bytes; see the functions of the same names in src/kernel/scan. */
interface Functions {
  place(record: number): void
  quantize(first: number, count: number): void
  boundAll(
    count: number,
    unit: number,
    head: number,
    tail: number,
    weights: number,
    levelUnit: number,
    base: number,
  ): void
  boundWhole(
    items: number,
    count: number,
    unit: number,
    tail: number,
    threshold: number,
    out: number,
  ): number
  best(count: number, most: number, out: number, values: number): number
  above(count: number, threshold: number, out: number): number
}

/** As in src/kernel/scan/arrays.ts. */
export const headWidth = 64
const recordWords = 17
/** Rows that are made in one call. */
export const blockRows = 64
/** The longest list of items that best() gives. */
export const bestMax = 2_048

const growth = 1.25

export interface ScanMemory extends Functions {
  /** The whole memory in each of its types; replaced when it grows. */
  floats: Float32Array
  ints: Int32Array
  bytes: Uint8Array
  shorts: Int16Array
  readonly size: number
  /** Places everything for rows of so many columns, without items. */
  arrange(columns: number): void
  /** Makes room for so many items, at most `itemsMax`. */
  reserve(items: number): void
  readonly itemsMax: number
  /** Addresses. */
  readonly at: Readonly<Record<Name, number>>
}

const fixedNames = [
  ...['record', 'sources', 'strides', 'factors', 'row', 'queryHead', 'queryTail', 'weights'],
  ...['values', 'block'],
] as const
const itemNames = [
  ...['heads', 'tails', 'headScales', 'tailScales', 'headErrors', 'tailNorms', 'tailErrors'],
  ...['levels', 'bounds', 'found'],
] as const
type Name = (typeof fixedNames)[number] | (typeof itemNames)[number]

export function createScanMemory(bytesMax = memoryMax): ScanMemory {
  const memory = createMemory(bytesMax)
  const at = Object.fromEntries([...fixedNames, ...itemNames].map((name) => [name, 0])) as Record<
    Name,
    number
  >
  let columns = 0
  let capacity = 0
  let itemsFrom = 0

  const tailWidth = () => Math.max(16, Math.ceil((columns - headWidth) / 16) * 16)
  const widthOf = (name: Name) =>
    name === 'heads' ? headWidth : name === 'tails' ? tailWidth() : 4

  function itemsMax(): number {
    const each = itemNames.reduce((sum, name) => sum + widthOf(name), 0)
    return 4 * Math.floor((bytesMax - itemsFrom - PAGE) / each / 4)
  }

  function need(bytes: number): void {
    if (!growTo(memory, bytes) && own.bytes.buffer === memory.buffer) return
    Object.assign(own, viewsOf(memory.buffer))
  }

  function writeRecord(): void {
    const words = [
      ...[columns, tailWidth(), at.heads, at.tails, at.headScales, at.tailScales, at.headErrors],
      ...[at.tailNorms, at.tailErrors, at.levels, at.bounds, at.sources, at.strides, at.factors],
      ...[at.row, at.queryHead, at.queryTail],
    ]
    own.ints.set(words, at.record / 4)
    own.place(at.record)
  }

  const own: ScanMemory = {
    ...join<Functions>(moduleOf('scan'), memory),
    ...viewsOf(memory.buffer),
    at,
    get itemsMax() {
      return itemsMax()
    },
    get size() {
      return memory.buffer.byteLength
    },
    arrange(count) {
      columns = count
      capacity = 0
      let end = PAGE
      const take = (name: Name, bytes: number) => {
        at[name] = end
        end = Math.ceil((end + bytes) / 16) * 16
      }
      take('record', 4 * recordWords)
      for (const name of ['sources', 'strides', 'factors'] as const) take(name, 4 * columns)
      take('row', 4 * (headWidth + tailWidth()))
      take('queryHead', 2 * headWidth)
      take('queryTail', 2 * tailWidth())
      take('weights', 16)
      take('values', 4 * bestMax + 16)
      take('block', 4 * columns * blockRows)
      itemsFrom = end
      need(end)
      own.bytes.fill(0, PAGE, end)
    },
    reserve(items) {
      if (items <= capacity) return
      if (items > itemsMax()) throw new RangeError(`${items} items, room for ${itemsMax()}`)
      const old = { ...at }
      const kept = capacity
      // Whole groups of four items, which loops read at once.
      capacity = 4 * Math.ceil(Math.min(itemsMax(), Math.max(items, capacity * growth)) / 4)
      let end = itemsFrom
      for (const name of itemNames) {
        at[name] = end
        end = Math.ceil((end + capacity * widthOf(name)) / 16) * 16
      }
      need(end + 16)
      for (const name of itemNames.toReversed()) {
        const width = widthOf(name)
        own.bytes.copyWithin(at[name], old[name], old[name] + kept * width)
        own.bytes.fill(0, at[name] + kept * width, at[name] + capacity * width)
      }
      writeRecord()
    },
  }
  return own
}

function viewsOf(buffer: ArrayBufferLike) {
  return {
    floats: new Float32Array(buffer),
    ints: new Int32Array(buffer),
    bytes: new Uint8Array(buffer),
    shorts: new Int16Array(buffer),
  }
}
