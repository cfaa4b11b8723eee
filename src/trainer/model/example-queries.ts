// What lists are likely to ask of the rows of networks, before any list was made: queries of users from the whole range
// of ids, as they are now.

import type { Moment, StagedPart } from '../../learn/part.ts'
import type { Positives } from '../../remember/positives.ts'
import { createUserBatch, gather } from '../../sample/draws.ts'
import { historyMax } from './plan.ts'

/** Users, at most, and of how many it is looked whether they have anything. */
const [usersMax, looksMax] = [64, 1_024]
/** Multiples of it lie evenly in [0, 1), however many there are. */
const goldenShare = (Math.sqrt(5) - 1) / 2

/** `weightsOf`: of all features of the parts, in that order. Each query is valid until the next. */
export function* exampleQueries(
  parts: readonly {
    readonly features: readonly string[]
    readonly staged?: StagedPart | undefined
  }[],
  positives: Positives,
  weightsOf: (moment: Moment) => Float32Array,
): Generator<Float32Array> {
  const rows = parts.map(({ staged }) => staged?.rows)
  const widths = rows.map((one) => one?.widths.reduce((sum, width) => sum + width, 0) ?? 0)
  const query = new Float32Array(widths.reduce((sum, width) => sum + width, 0))
  for (const moment of someMoments(positives)) {
    const weights = weightsOf(moment).slice()
    let [from, at] = [0, 0]
    parts.forEach(({ features, staged }, p) => {
      const own = weights.subarray(from, from + features.length)
      if (rows[p] !== undefined) staged?.begin(moment, own, query.subarray(at, at + widths[p]!))
      from += features.length
      at += widths[p]!
    })
    yield query
  }
}

function* someMoments(positives: Positives): Generator<Moment> {
  const users = createUserBatch(1, historyMax)
  for (let look = 0, found = 0; look < looksMax && found < usersMax; look++) {
    const user = Math.floor(positives.users * ((look * goldenShare) % 1))
    const count = positives.count(user)
    if (count === 0) continue
    found++
    const time = positives.runs.newestTime(user)
    users.count = 0
    gather(users, positives, user, count, time, historyMax)
    yield { user, time, users }
  }
}
