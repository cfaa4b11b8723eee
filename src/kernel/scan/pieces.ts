// What is done for every item is a job of many pieces. Every thread that is free takes the next piece: each has an
// instance of this module in the same memory. What a piece gives depends on the job alone, and lies in a place of its
// own, so any number of threads leaves the same bytes.

import { scanDoneAt, scanJobAt, scanLeftAt } from '../constants'
import { place } from './arrays'
import { boundAll, boundWhole, raiseAll } from './bounds'
import { above, best } from './select'

// Kinds of jobs.
const BOUND: i32 = 0
const BEST: i32 = 1

// Bytes from the beginning of the job, i32 and f32: its kind, the record of the arrays, its items and those of a piece,
// the number of pieces; where a piece writes how many items it has found, and where it writes them, by its first item;
// then what the functions are given.
const JOB: usize = scanJobAt
const ARRAYS: usize = 4
const FIRST: usize = 8
const END: usize = 12
const PIECE_ITEMS: usize = 16
const PIECES: usize = 20
const COUNTS: usize = 24
const FOUND: usize = 28
const QUERY: usize = 32
const UNIT: usize = 36
const HEAD: usize = 40
const TAIL: usize = 44
const WEIGHTS: usize = 48
const LEVEL_UNIT: usize = 52
const BASE: usize = 56
const THRESHOLD: usize = 60
const MOST: usize = 64
const TERMS: usize = 68
const TERM_COUNT: usize = 72
const ENDS: usize = 76

/** Takes pieces until none is left, and returns how many it took. */
export function work(): i32 {
  let taken = 0
  for (let left = atomic.load<i32>(scanLeftAt); left != 0; left = atomic.load<i32>(scanLeftAt)) {
    // Whoever takes a piece of a job may read the job: it changes only when all of its pieces are done.
    if (atomic.cmpxchg<i32>(scanLeftAt, left, left - 1) != left) continue
    workOn(left - 1)
    taken++
    if (atomic.add<i32>(scanDoneAt, 1) + 1 == load<i32>(JOB, PIECES)) atomic.notify(scanDoneAt, 1)
  }
  return taken
}

/** How often it looks before it goes to sleep: some ten µs, longer than most pieces that are not done yet. */
const LOOKS = 32768

/** Waits until all pieces are done, or for `ms` milliseconds; returns whether they are. */
export function finish(ms: i32): i32 {
  const pieces = load<i32>(JOB, PIECES)
  for (let n = 0; n < LOOKS; n++) if (atomic.load<i32>(scanDoneAt) == pieces) return 1
  const done = atomic.load<i32>(scanDoneAt)
  if (done != pieces) atomic.wait<i32>(scanDoneAt, done, <i64>ms * 1000000)
  return atomic.load<i32>(scanDoneAt) == pieces ? 1 : 0
}

function workOn(piece: i32): void {
  place(load<u32>(JOB, ARRAYS))
  const first = load<i32>(JOB, FIRST) + piece * load<i32>(JOB, PIECE_ITEMS)
  const end = min(first + load<i32>(JOB, PIECE_ITEMS), load<i32>(JOB, END))
  const kind = load<i32>(JOB)
  if (kind == BOUND) {
    boundAll(
      first, end - first, load<u32>(JOB, QUERY), load<f32>(JOB, UNIT), load<f32>(JOB, HEAD), load<f32>(JOB, TAIL),
      load<u32>(JOB, WEIGHTS), load<f32>(JOB, LEVEL_UNIT), load<f32>(JOB, BASE),
    )
    raiseAll(first, end - first, load<u32>(JOB, TERMS), load<i32>(JOB, TERM_COUNT))
    return
  }
  const found = <usize>load<u32>(JOB, FOUND) + (<usize>first << 2)
  let count: i32
  if (kind == BEST) {
    const most = load<i32>(JOB, MOST)
    count = best(first, end, most, found, found + (<usize>((most + 3) & ~3) << 2))
  } else {
    const threshold = load<f32>(JOB, THRESHOLD)
    count = boundWhole(
      found, above(first, end, threshold, found), load<u32>(JOB, QUERY), load<f32>(JOB, UNIT), load<f32>(JOB, TAIL),
      load<f32>(JOB, ENDS), threshold, found,
    )
  }
  store<i32>(<usize>load<u32>(JOB, COUNTS) + (<usize>piece << 2), count)
}
