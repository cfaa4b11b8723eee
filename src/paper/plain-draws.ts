// Draws many triplets in plain loops: the reference for the draws of an engine, and used where the engine has none.
//
// Which random words are used for what: attempt n takes block n, its first word for the slot, its second for j. After
// the draws the further negatives take the words of the next blocks one after the other, and then each item that is
// drawn again takes the first word of a block of its own. A number below n comes from a word by its product
// (Lemire); the few words that would favour small numbers are skipped.

import type { DrawRequest, Draws, TripletBatch } from '../ports/draws.ts'
import type { Positives } from '../remember/positives.ts'
import { philox, upperHalf } from './philox.ts'

/** A request ends after this many attempts in a row without a positive: nearly all slots are empty. */
const emptyAttemptsMax = 100_000

interface Drawing {
  readonly positives: Positives
  /** The two words of the newest block of random numbers. */
  readonly words: Uint32Array
  /** What the newest request met. */
  readonly met: { rejected: number; saturated: number; missing: number }
}

export function createPlainDraws(positives: Positives): Draws {
  const met = { rejected: 0, saturated: 0, missing: 0 }
  const drawing: Drawing = { positives, words: new Uint32Array(2), met }

  return {
    get rejected() {
      return met.rejected
    },
    get saturated() {
      return met.saturated
    },
    get missing() {
      return met.missing
    },
    draw(request, into, from) {
      Object.assign(met, { rejected: 0, saturated: 0, missing: 0 })
      if (positives.size === 0 || positives.items === 0) return 0
      const [drawn, next] = drawTriplets(drawing, request, into, from)
      drawNegatives(drawing, request, into, from, from + drawn, next)
      return keepWhole(into, from, drawn, request.negatives, met)
    },
  }
}

/** Fills users, positives and first negatives; returns how many, and the number of the next block. */
function drawTriplets(
  { positives, words, met }: Drawing,
  request: DrawRequest,
  into: TripletBatch,
  from: number,
): [number, number] {
  const { runs } = positives
  const { key, nonce, negatives } = request
  let wanted = request.count
  let [drawn, tries, n, lastFound] = [0, 0, 0, 0]
  while (drawn < wanted && n - lastFound < emptyAttemptsMax) {
    philox(key, nonce, n++, words)
    const slot = below(runs.used, words[0]!)
    const j = below(positives.items, words[1]!)
    const user = slot < 0 || j < 0 ? -1 : runs.userOf(slot)
    if (user < 0) continue
    lastFound = n
    const owned = positives.has(user, j)
    if (owned && request.law === 'uniform') {
      met.rejected++
      if (++tries < request.drawsPerTripletMax) continue
      met.saturated++
      wanted--
    } else {
      const k = from + drawn++
      into.userRows[k] = user
      into.positives[k] = runs.items[slot]!
      into.candidates[k * negatives] = owned ? -1 : j
      if (owned) met.rejected++
    }
    tries = 0
  }
  return [drawn, n]
}

/** The further negatives, from block `next` on; then whatever the user has is drawn again. */
function drawNegatives(
  { positives, words, met }: Drawing,
  request: DrawRequest,
  into: TripletBatch,
  from: number,
  to: number,
  next: number,
): void {
  const { key, nonce, negatives } = request
  const { userRows, candidates } = into
  let x = 0
  for (let k = from; k < to; k++) {
    for (let q = 1; q < negatives; q++, x++) {
      philox(key, nonce, next + (x >>> 1), words)
      const j = below(positives.items, words[x & 1]!)
      const owned = j >= 0 && positives.has(userRows[k]!, j)
      candidates[k * negatives + q] = owned ? -1 : j
      if (owned) met.rejected++
    }
  }
  let n = next + ((x + 1) >>> 1)
  for (let at = from * negatives; at < to * negatives; at++) {
    for (let tries = 1; candidates[at]! < 0 && tries < request.drawsPerNegativeMax; tries++) {
      philox(key, nonce, n++, words)
      const j = below(positives.items, words[0]!)
      if (j < 0) continue
      if (positives.has(userRows[Math.floor(at / negatives)]!, j)) met.rejected++
      else candidates[at] = j
    }
    if (candidates[at]! < 0) {
      met.saturated++
      met.missing++
    }
  }
}

/** A number below n from a random word; -1 for one of the words that would favour small numbers. */
function below(n: number, word: number): number {
  if (Math.imul(word, n) >>> 0 < (0x1_0000_0000 - n) % n) return -1
  return upperHalf(word, n)
}

/** Closes the gaps of draws without their first negative; returns how many draws are left. */
function keepWhole(
  { userRows, positives, candidates }: TripletBatch,
  from: number,
  drawn: number,
  n: number,
  met: { missing: number },
): number {
  if (met.missing === 0) return drawn
  let to = from
  for (let k = from; k < from + drawn; k++) {
    if (candidates[k * n]! < 0) {
      for (let q = 0; q < n; q++) if (candidates[k * n + q]! < 0) met.missing--
      continue
    }
    userRows[to] = userRows[k]!
    positives[to] = positives[k]!
    candidates.copyWithin(to * n, k * n, k * n + n)
    to++
  }
  return to - from
}
