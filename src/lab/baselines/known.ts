// What a fold-in model may know of a user when it scores: the training items and, where the test item is the target, on
// request the validation item. Models with a row per user do not use it.

import type { Split } from '../offline/leave-one-out.ts'

export type Known = (user: number, out: number[]) => void

/** Fills `out` with the user's known items, oldest first. */
export function knownItems(split: Split, withValidation: boolean): Known {
  const { start, items } = split.train
  return (user, out) => {
    out.length = 0
    for (let at = start[user]!; at < start[user + 1]!; at++) out.push(items[at]!)
    const validation = split.validation.items[user]!
    if (withValidation && validation >= 0) out.push(validation)
  }
}
