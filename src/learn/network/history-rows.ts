// The rows a user vector is made of, with their weights: p_b = Σ_l weight_l · S[row_l].
// S is the context table, or with `users: rows` the user table (one row of weight 1).
// An item that comes twice in a history is listed once with the sum of its weights.

import type { NetworkSpec, UserBatch } from '../../ports/engine.ts'

/** Filled for one user at a time. Block b's list starts at b · stride. */
export interface SourceLists {
  readonly stride: number
  readonly rows: Int32Array
  readonly weights: Float64Array
  /** Rows in the list of each block; 0: the block is empty and p_b = 0. */
  readonly counts: Int32Array
}

const WEIGHT_MIN = 0.02

export interface SourceReader {
  readonly lists: SourceLists
  /** Makes room for rows 0…rows-1 of the source table. */
  grow(rows: number): void
  /** Fills the lists for user k of the batch. The batch was checked before. */
  read(batch: UserBatch, k: number): void
}

export function createSourceReader(spec: NetworkSpec): SourceReader {
  const blocks = spec.users === 'rows' ? [] : spec.blocks
  const stride = 1 + blocks.reduce((longest, block) => Math.max(longest, block.length), 0)
  const count = Math.max(1, blocks.length)
  const lists: SourceLists = {
    stride,
    rows: new Int32Array(count * stride),
    weights: new Float64Array(count * stride),
    counts: new Int32Array(count),
  }
  const shift = spec.startItem ? 1 : 0
  // marks[row] = the number of the list that holds the row last; places[row] = where in that list.
  let marks = new Int32Array(0)
  let places = new Int32Array(0)
  let list = 0

  return {
    lists,
    grow(rows) {
      if (blocks.length === 0 || rows <= marks.length) return
      const room = Math.max(rows, Math.ceil(marks.length * 1.5))
      marks = new Int32Array(room)
      places = new Int32Array(room)
      list = 0
    },
    read(batch, k) {
      if (blocks.length === 0) {
        lists.rows[0] = batch.userRows[k]!
        lists.weights[0] = 1
        lists.counts[0] = 1
        return
      }
      for (let b = 0; b < blocks.length; b++) {
        if (++list === 0x7fffffff) {
          marks.fill(0)
          list = 1
        }
        lists.counts[b] = readBlock(spec, b, batch, k, lists, shift, marks, places, list)
      }
    },
  }
}

/** Fills block b's list with weights of sum-dependent scale (see HistoryBlock); returns its length. */
function readBlock(
  spec: NetworkSpec,
  b: number,
  batch: UserBatch,
  k: number,
  lists: SourceLists,
  shift: number,
  marks: Int32Array,
  places: Int32Array,
  list: number,
): number {
  const block = spec.blocks[b]!
  const { rows, weights } = lists
  const items = batch.historyItems
  const ages = batch.historyAges
  const from = batch.historyStart[k]!
  const given = batch.historyStart[k + 1]! - from
  const reach = Math.min(given, block.length)
  const isTime = block.kind === 'time'
  const decay = block.kind === 'short' ? block.decay : 1
  const seconds = block.kind === 'time' ? block.seconds : 1
  const base = b * lists.stride
  let count = 0
  let sum = 0
  let taken = 0
  let weight = 1
  for (; taken < reach; taken++) {
    if (isTime && (weight = Math.exp(-ages[from + taken]! / seconds)) < WEIGHT_MIN) break
    const row = items[from + taken]! + shift
    if (marks[row] === list) {
      const place = base + places[row]!
      weights[place] = weights[place]! + weight
    } else {
      marks[row] = list
      places[row] = count
      rows[base + count] = row
      weights[base + count] = weight
      count++
    }
    sum += weight
    weight *= decay
  }
  if (shift === 1 && !isTime && taken === batch.historyLength[k]!) {
    rows[base + count] = 0
    weights[base + count] = weight
    count++
    taken++
    sum += weight
  }
  const mass = isTime ? 1 + sum : block.kind === 'long' ? taken : sum
  const scale = block.power === 0.5 ? 1 / Math.sqrt(mass) : mass ** -block.power
  for (let l = base; l < base + count; l++) weights[l] = weights[l]! * scale
  return count
}
