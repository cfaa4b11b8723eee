// Draws of triplets by the compiled loops of src/kernel/draws, from positive sets in the same memory.

import { PAGE } from '../../../arrays.ts'
import type * as globals from '../../../kernel/draws/globals.ts'
import type {
  DrawMemory,
  DrawRequest,
  Draws,
  IntMemory,
  PositiveSets,
} from '../../../ports/draws.ts'
import type {} from '../assemblyscript.d.ts'
import { createMemory, join, memoryMax, moduleOf } from '../kernel/module.ts'
import { createIntMemory } from './int-memory.ts'

interface Functions {
  draw(): number
  rejected(): number
  saturated(): number
  missing(): number
}

type Request = Record<keyof typeof globals, number>
type Exports = Functions & Readonly<Record<keyof Request, { value: number }>>

/** Room for positive sets, and draws from them. Page 0 belongs to the module. */
export function createDrawMemory(bytesMax = memoryMax): DrawMemory {
  const memory = createMemory()
  const kernel = join<Exports>(moduleOf('draws'), memory)
  const ints = createIntMemory(memory, PAGE, bytesMax)
  const out = { users: ints.take(0), positives: ints.take(0), candidates: ints.take(0) }

  function addressOf(array: Int32Array): number {
    if (!ints.holds(array)) {
      throw new RangeError('the sets are not in the memory that they are to be drawn from')
    }
    return array.byteOffset
  }

  function setRequest(asked: DrawRequest, sets: PositiveSets): void {
    const request: Request = {
      ...numbersOf(asked, sets),
      ...placesOf(sets, addressOf),
      outUsers: addressOf(out.users),
      outPositives: addressOf(out.positives),
      outCandidates: addressOf(out.candidates),
    }
    for (const name of Object.keys(request) as (keyof Request)[]) {
      kernel[name].value = request[name]
    }
  }

  return {
    take: ints.take,
    free: ints.free,
    draws(sets): Draws {
      const counts = { rejected: 0, saturated: 0, missing: 0 }
      return {
        get rejected() {
          return counts.rejected
        },
        get saturated() {
          return counts.saturated
        },
        get missing() {
          return counts.missing
        },
        draw(request, into, from) {
          Object.assign(counts, { rejected: 0, saturated: 0, missing: 0 })
          if (sets.size === 0 || sets.items === 0 || request.count === 0) return 0
          makeRoom(out, ints, request)
          setRequest(request, sets)
          const drawn = kernel.draw()
          counts.rejected = kernel.rejected()
          counts.saturated = kernel.saturated()
          counts.missing = kernel.missing()
          const n = request.negatives
          into.userRows.set(out.users.subarray(0, drawn), from)
          into.positives.set(out.positives.subarray(0, drawn), from)
          into.candidates.set(out.candidates.subarray(0, drawn * n), from * n)
          return drawn
        },
      }
    },
  }
}

interface Output {
  users: Int32Array
  positives: Int32Array
  candidates: Int32Array
}

function makeRoom(out: Output, ints: IntMemory, { count, negatives }: DrawRequest): void {
  if (out.users.length < count) {
    ints.free(out.users)
    ints.free(out.positives)
    out.users = ints.take(count)
    out.positives = ints.take(count)
  }
  if (out.candidates.length < count * negatives) {
    ints.free(out.candidates)
    out.candidates = ints.take(count * negatives)
  }
}

function numbersOf(asked: DrawRequest, { items, runs, withheld, earlier }: PositiveSets) {
  const { law, count, negatives, drawsPerTripletMax, drawsPerNegativeMax, key, nonce } = asked
  return {
    ...{ uniform: law === 'uniform' ? 1 : 0, count, negatives },
    ...{ drawsPerTripletMax, drawsPerNegativeMax, key, nonce },
    ...{ items, slots: runs.used, withheldCount: withheld.size },
    earlierUsers: earlier.runs.start.length,
  }
}

/** Where the arrays of the sets begin. */
function placesOf(
  { runs, owned: { sieve }, withheld, earlier }: PositiveSets,
  addressOf: (array: Int32Array) => number,
) {
  return {
    slotItems: addressOf(runs.items),
    owner: addressOf(runs.owner),
    start: addressOf(runs.start),
    length: addressOf(runs.length),
    words: addressOf(sieve.words),
    wordStart: addressOf(sieve.start),
    mask: addressOf(sieve.mask),
    withheld: addressOf(withheld.pairs),
    earlierItems: addressOf(earlier.runs.items),
    earlierStart: addressOf(earlier.runs.start),
    earlierLength: addressOf(earlier.runs.length),
  }
}
