// Splits the positive sets of a core for training before going live: the newest positive of every user with three or
// more is held out, to choose the epoch by; there is no test. Ids stay as they are.

import type { Positives } from '../../remember/positives.ts'
import type { Random } from '../../sample/random.ts'
import {
  drawNegatives,
  holdOutLast,
  type Log,
  noTarget,
  type Split,
} from '../offline/leave-one-out.ts'

const leastPositives = 3
const negativesPerUser = 100

export function splitOfPositives(
  positives: Positives,
  users: readonly string[],
  items: readonly string[],
  random: Random,
): Split {
  const log = logOf(positives)
  const { rest, target } = holdOutLast(log, leastPositives)
  return {
    users: users.slice(0, positives.users),
    items: items.slice(0, positives.items),
    train: rest,
    validation: target,
    test: noTarget(positives.users),
    negatives: drawNegatives(log, positives.items, negativesPerUser, random),
    negativesPerUser,
  }
}

function logOf({ users, size, runs }: Positives): Log {
  const start = new Int32Array(users + 1)
  const items = new Int32Array(size)
  const times = new Float64Array(size)
  for (let user = 0; user < users; user++) {
    const from = runs.start[user]!
    const length = runs.length[user]!
    items.set(runs.items.subarray(from, from + length), start[user])
    for (let at = 0; at < length; at++) times[start[user]! + at] = runs.times.at(from + at)
    start[user + 1] = start[user]! + length
  }
  return { start, items, times }
}
