// ItemKNN: an item's score is the sum of its similarities to the user's items. Similarity is the shrunk cosine of
// their sets of users, co / (√(n_i n_j) + shrink); only the `neighbours` most similar items of each count. Nothing is
// learned.

import type { OfflineScorer } from '../offline/judge.ts'
import type { Split } from '../offline/leave-one-out.ts'
import { knownItems } from './known.ts'

export interface ItemKnnOptions {
  readonly neighbours?: number
  readonly shrink?: number
}

export function itemKnn(
  split: Split,
  options: ItemKnnOptions = {},
): (withValidation: boolean) => OfflineScorer {
  const { neighbours = 50, shrink = 50 } = options
  const near = nearest(split, neighbours, shrink)
  return (withValidation) => {
    const known = knownItems(split, withValidation)
    const mine: number[] = []
    const sums = new Float64Array(split.items.length)
    return (user, items, count, out) => {
      known(user, mine)
      sums.fill(0)
      for (const have of mine) {
        for (let at = near.start[have]!; at < near.start[have + 1]!; at++) {
          sums[near.items[at]!]! += near.weights[at]!
        }
      }
      for (let x = 0; x < count; x++) out[x] = sums[items[x]!]!
    }
  }
}

/** For each item, the items that have it among their neighbours: a user's item adds its weight to their scores. */
interface Near {
  readonly start: Int32Array
  readonly items: Int32Array
  readonly weights: Float32Array
}

function nearest(split: Split, neighbours: number, shrink: number): Near {
  const size = split.items.length
  const pushes: { readonly item: number; readonly weight: number }[][] = []
  for (let item = 0; item < size; item++) pushes.push([])
  const { popularity, having } = whoHas(split)
  const { start, items } = split.train
  const together = new Float64Array(size)
  for (let item = 0; item < size; item++) {
    together.fill(0)
    for (const user of having[item]!) {
      for (let at = start[user]!; at < start[user + 1]!; at++) together[items[at]!]!++
    }
    together[item] = 0
    const met: number[] = []
    for (let other = 0; other < size; other++) {
      if (together[other] === 0) continue
      together[other]! /= Math.sqrt(popularity[item]! * popularity[other]!) + shrink
      met.push(other)
    }
    met.sort((one, other) => together[other]! - together[one]! || one - other)
    for (const other of met.slice(0, neighbours)) {
      pushes[other]!.push({ item, weight: together[other]! })
    }
  }
  const flat = pushes.flat()
  const begins = new Int32Array(size + 1)
  pushes.forEach((list, item) => {
    begins[item + 1] = begins[item]! + list.length
  })
  return {
    start: begins,
    items: Int32Array.from(flat, (push) => push.item),
    weights: Float32Array.from(flat, (push) => push.weight),
  }
}

function whoHas(split: Split): { popularity: Float64Array; having: readonly number[][] } {
  const popularity = new Float64Array(split.items.length)
  const having: number[][] = Array.from({ length: split.items.length }, () => [])
  const { start, items } = split.train
  for (let user = 0; user + 1 < start.length; user++) {
    for (let at = start[user]!; at < start[user + 1]!; at++) {
      popularity[items[at]!]!++
      having[items[at]!]!.push(user)
    }
  }
  return { popularity, having }
}
