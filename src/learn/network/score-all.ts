// Scores of the whole catalogue by way of score(), for engines that have no better way: ids and scores are kept.

import type { Network } from '../../ports/engine.ts'

export function createScoreAll(score: Network['score']): Network['scoreAll'] {
  let ids = new Int32Array(0)
  let scores = new Float32Array(0)
  return (users, n, weight = 1, onto) => {
    if (users.count < 1) throw new RangeError('scoreAll needs a user; users.count is 0')
    if (ids.length < n) {
      const before = ids.length
      const room = Math.max(n, 2 * before)
      const more = new Int32Array(room)
      more.set(ids)
      for (let item = before; item < room; item++) more[item] = item
      ids = more
      scores = new Float32Array(room)
    }
    score(users.count === 1 ? users : { ...users, count: 1 }, ids.subarray(0, n), scores)
    if (onto === undefined && weight === 1) return scores.subarray(0, n)
    for (let item = 0; item < n; item++) scores[item] = weight * scores[item]! + (onto?.[item] ?? 0)
    return scores.subarray(0, n)
  }
}
