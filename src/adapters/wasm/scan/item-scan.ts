// The scan of a catalogue by the compiled loops of src/kernel/scan.

import type { BoundQuery, ItemScan } from '../../../ports/item-scan.ts'
import { bestMax, blockRows, createScanMemory, headWidth } from './scan-memory.ts'

/** Levels are logarithms of counts: up to 255 steps they reach as far as e^12.75 events. */
const levelStep = 1 / 20
const levelMax = 255
/** Units that the largest number of a query, or weight of a level, has. */
const wordMax = 32_767
/** Numbers that are rounded to floats on their way are no less than they were. */
const up = 1.000001
const nothing = new Float32Array(0)

interface Half {
  readonly unit: number
  readonly norm: number
}

export function createItemScan(bytesMax?: number): ItemScan {
  const memory = createScanMemory(bytesMax)
  const { at } = memory
  let widths: readonly number[] = []
  let order: Int32Array = new Int32Array(0)
  let factors = nothing
  let ordered = nothing
  let items = 0
  /** Rows of a block that the places of its columns are written for. */
  let placed = 0
  let head: Half = { unit: 0, norm: 0 }
  let tail: Half = head

  /** Writes columns from … to-1 of the query as words. */
  function writeHalf(from: number, to: number, words: number): Half {
    let largest = 0
    let square = 0
    for (let d = from; d < to; d++) {
      const q = ordered[d]!
      largest = Math.max(largest, Math.abs(q))
      square += q * q
    }
    const unit = Math.fround(largest / wordMax)
    for (let d = from; d < to; d++) {
      const word = unit > 0 ? Math.round(ordered[d]! / unit) : 0
      memory.shorts[words / 2 + d - from] = Math.max(-wordMax, Math.min(wordMax, word))
    }
    return { unit, norm: up * Math.sqrt(square) }
  }

  /**
   * Weights as words, rounded up; levels are not negative. A level may have come down since it was set, and was rounded
   * up then: where a weight is below zero, the least that the level can be counts.
   */
  function writeWeights({ levelWeights, levelShares }: BoundQuery): { unit: number; base: number } {
    let largest = 0
    let base = 0
    const least = Array.from(levelWeights, (weight, k) => {
      const own = weight < 0 ? weight * levelShares[k]! : weight
      if (weight < 0) base -= own * levelStep
      largest = Math.max(largest, Math.abs(own))
      // The plain sum of floats may be off by so much.
      base += 1e-5 * Math.abs(weight) * levelStep * levelMax
      return own
    })
    const unit = Math.fround(up * (largest / wordMax))
    for (let k = 0; k < 4; k++) {
      const word = unit > 0 ? Math.ceil((least[k] ?? 0) / unit) : 0
      memory.shorts[at.weights / 2 + k] = word
      memory.shorts[at.weights / 2 + 4 + k] = word
    }
    return { unit: unit * levelStep, base }
  }

  return {
    levelStep,
    get items() {
      return items
    },
    get bytes() {
      return memory.size
    },
    get itemsMax() {
      return memory.itemsMax
    },
    arrange(pieces, by, scaledBy, soon) {
      widths = pieces.slice()
      placed = 0
      order = by.slice()
      factors = scaledBy.slice()
      ordered = new Float32Array(order.length)
      items = 0
      memory.arrange(order.length)
      memory.reserve(Math.max(blockRows, Math.min(soon, memory.itemsMax)))
    },
    put(blocks, first, count) {
      if (first > items) throw new RangeError(`rows from ${first} on, after ${items} items`)
      memory.reserve(first + count)
      for (let done = 0; done < count; done += blockRows) {
        const rows = Math.min(blockRows, count - done)
        putBlock(blocks, first + done, done, rows)
      }
      items = Math.max(items, first + count)
    },
    get levels() {
      return memory.bytes.subarray(at.levels, at.levels + 4 * items)
    },
    get bounds() {
      return memory.floats.subarray(at.bounds / 4, at.bounds / 4 + items)
    },
    bound(query) {
      order.forEach((column, d) => {
        ordered[d] = query.query[column]! / factors[column]!
      })
      const middle = Math.min(headWidth, order.length)
      head = writeHalf(0, middle, at.queryHead)
      tail = writeHalf(middle, order.length, at.queryTail)
      const { unit, base } = writeWeights(query)
      memory.boundAll(items, head.unit, head.norm, tail.norm, at.weights, unit, base)
    },
    best(most) {
      const found = memory.best(items, Math.min(most, bestMax), at.found, at.values)
      return memory.ints.subarray(at.found / 4, at.found / 4 + found)
    },
    above(threshold) {
      const all = memory.above(items, threshold, at.found)
      const left = memory.boundWhole(at.found, all, tail.unit, tail.norm, threshold, at.found)
      return memory.ints.subarray(at.found / 4, at.found / 4 + left)
    },
  }

  function putBlock(
    blocks: readonly Float32Array[],
    first: number,
    from: number,
    rows: number,
  ): void {
    if (placed !== rows) placeColumns(rows)
    let to = at.block
    widths.forEach((width, p) => {
      const block = blocks[p]!
      const [start, end] = [from * width, (from + rows) * width]
      const whole = start === 0 && end === block.length
      memory.floats.set(whole ? block : block.subarray(start, end), to / 4)
      to += 4 * width * rows
    })
    memory.quantize(first, rows)
  }

  /** Where the columns of a block of so many rows are read. */
  function placeColumns(rows: number): void {
    const places: number[] = []
    const strides: number[] = []
    let to = at.block
    for (const width of widths) {
      for (let column = 0; column < width; column++) {
        places.push(to + 4 * column)
        strides.push(4 * width)
      }
      to += 4 * width * rows
    }
    order.forEach((column, d) => {
      memory.ints[at.sources / 4 + d] = places[column]!
      memory.ints[at.strides / 4 + d] = strides[column]!
      memory.floats[at.factors / 4 + d] = factors[column]!
    })
    placed = rows
  }
}
