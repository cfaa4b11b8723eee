// Draws of triplets by the compiled loops of src/kernel/draws, from positive sets in the same memory.

import type { DrawMemory, DrawRequest, Draws, PositiveSets } from '../../../ports/draws.ts'
import { createMemory, join, memoryMax, moduleOf, PAGE } from '../module.ts'
import { createIntMemory } from './int-memory.ts'

interface Functions {
  draw(record: number): number
}

/** Numbers of a request (src/kernel/draws/request.ts), and behind them what it says in return. */
const asked = 21
const said = 3

/** Room for positive sets, and draws from them. Page 0 is the module's own. */
export function createDrawMemory(bytesMax = memoryMax): DrawMemory {
  const memory = createMemory()
  const kernel = join<Functions>(moduleOf('draws'), memory)
  const ints = createIntMemory(memory, PAGE, bytesMax)
  const record = ints.take(asked + said)
  const out = { users: ints.take(0), positives: ints.take(0), candidates: ints.take(0) }

  function makeRoom({ count, negatives }: DrawRequest): void {
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

  function write(request: DrawRequest, { items, runs, owned: { sieve }, withheld }: PositiveSets) {
    record.set([
      ...[request.law === 'uniform' ? 1 : 0, request.count, request.negatives],
      ...[request.drawsPerTripletMax, request.drawsPerNegativeMax, request.key, request.nonce],
      ...[items, runs.used],
      ...[runs.items, runs.owner, runs.start, runs.length].map(addressOf),
      ...[sieve.words, sieve.start, sieve.mask].map(addressOf),
      ...[addressOf(withheld.pairs), withheld.size],
      ...[out.users, out.positives, out.candidates].map(addressOf),
    ])
  }

  function addressOf(array: Int32Array): number {
    if (!ints.holds(array)) {
      throw new RangeError('the sets are not in the memory that they are to be drawn from')
    }
    return array.byteOffset
  }

  return {
    take: ints.take,
    free: ints.free,
    draws: (sets): Draws => ({
      get rejected() {
        return record[asked]!
      },
      get saturated() {
        return record[asked + 1]!
      },
      get missing() {
        return record[asked + 2]!
      },
      draw(request, into, from) {
        record.fill(0, asked)
        if (sets.size === 0 || sets.items === 0 || request.count === 0) return 0
        makeRoom(request)
        write(request, sets)
        const drawn = kernel.draw(record.byteOffset)
        const n = request.negatives
        into.userRows.set(out.users.subarray(0, drawn), from)
        into.positives.set(out.positives.subarray(0, drawn), from)
        into.candidates.set(out.candidates.subarray(0, drawn * n), from * n)
        return drawn
      },
    }),
  }
}
