// Dropout without a generator: what is dropped follows from a key and a place, so that the way back drops the same,
// and every implementation does.

/** Which numbers are dropped: each has keys of its own. */
export const dropStages = { items: 1, query: 2, tower: 3 } as const

export interface Dropout {
  readonly key: number
  /** hash(key + place) as a signed word keeps from here on. */
  readonly least: number
  /** 1/(1 - rate), so that expectations stay. */
  readonly factor: number
}

export function dropoutFor(
  rate: number,
  batchKey: number,
  stage: keyof typeof dropStages,
): Dropout {
  return {
    key: hash(Math.imul(batchKey, 4) + dropStages[stage]),
    least: Math.round(rate * 0x1_0000_0000) - 0x8000_0000,
    factor: 1 / (1 - rate),
  }
}

/** 0 or the factor, for the number at `place`. */
export function keptAt({ key, least, factor }: Dropout, place: number): number {
  return hash(key + place) >= least ? factor : 0
}

/** Golden-ratio step, then the finalizer of MurmurHash3; a signed word. */
function hash(place: number): number {
  let h = Math.imul(place | 0, 0x9e3779b1)
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
