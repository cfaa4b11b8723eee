// Pairs that only run forward: to choose the negative of each question, and to compare items for a list.

import {
  choices, input, negatives, pairA, pairB, pairMax, pairUser, pairZ, pickedNegatives, positives, query, x2,
} from '../globals'
import { itemsD } from '../records'
import { currentRow } from '../rows/adam-catch-up'
import { candidatesOf } from '../scores/learn-draw'
import { scoreOne } from '../scores/question-loss'
import { readQuery } from '../user/query'
import { runPairs } from './tower'

// @ts-ignore: decorator
@inline
export function itemRow(item: i32): usize {
  return itemsD.values + ((item * itemsD.columns) << 2)
}

/**
 * Chooses the candidate with the smallest z(u,i,j) for every question of draw k, the first of equals; -1 if it has
 * none.
 */
export function pickNegatives(k: i32): void {
  const first = candidatesOf(k)
  const to = pickedNegatives + ((k * negatives) << 2)
  if (choices == 1) {
    for (let q: usize = 0; q < <usize>negatives << 2; q += 4) store<i32>(to + q, load<i32>(first + q))
    return
  }
  const i = load<i32>(positives + (k << 2))
  readQuery(k, true)
  for (let q = 0; q < negatives; q++) {
    let j = -1
    let least: f32 = 0
    for (let c = 0; c < choices; c += pairMax) {
      const some = min(choices - c, pairMax)
      const from = first + ((q * choices + c) << 2)
      for (let n = 0; n < some; n++) setPair(n, input, itemRow(i), itemRow(max(load<i32>(from + (n << 2)), 0)))
      runPairs(some)
      for (let n = 0; n < some; n++) {
        const candidate = load<i32>(from + (n << 2))
        if (candidate < 0) continue
        const z = load<f32>(pairZ + (n << 2)) - (query > 0 ? <f32>scoreOne(x2, candidate) : 0)
        if (j >= 0 && z >= least) continue
        least = z
        j = candidate
      }
    }
    store<i32>(to + (q << 2), j)
  }
}

// @ts-ignore: decorator
@inline
export function setPair(n: i32, user: usize, a: usize, b: usize): void {
  const at = n << 2
  store<usize>(pairUser + at, user)
  store<usize>(pairA + at, a)
  store<usize>(pairB + at, b)
}

/** out[n] += the tower's share of z(user 0, first[n], second[n]), including the bias. Rows may have missed updates. */
export function compareJoint(first: usize, second: usize, count: i32, out: usize): void {
  for (let c = 0; c < count; c += pairMax) {
    const some = min(count - c, pairMax)
    const at = c << 2
    for (let n = 0; n < some; n++) {
      const a = currentRow(itemsD, load<i32>(first + at + (n << 2)), 2 * n)
      setPair(n, input, a, currentRow(itemsD, load<i32>(second + at + (n << 2)), 2 * n + 1))
    }
    runPairs(some)
    for (let n = 0; n < some; n++) {
      const to = out + at + (n << 2)
      store<f32>(to, load<f32>(to) + load<f32>(pairZ + (n << 2)))
    }
  }
}
