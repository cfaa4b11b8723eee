// Draws of triplets by the compiled loops of src/kernel/draws, from positive sets in the same memory.

import { readFileSync } from 'node:fs'
import type {
  DrawMemory,
  DrawRequest,
  Draws,
  IntMemory,
  PositiveSets,
} from '../../../ports/draws.ts'
import { type Memory, memoryMax, PAGE } from '../kernel.ts'
import { createIntMemory } from './memory.ts'

interface Functions {
  draw(record: number): number
}

interface Api {
  Memory: new (size: { initial: number; maximum: number; shared: boolean }) => Memory
  Module: new (bytes: Uint8Array) => object
  Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: Functions }
}

/** Numbers of a request (src/kernel/draws/record.ts), and behind them what it says in return. */
const asked = 21
const said = 3

const api = (globalThis as unknown as { WebAssembly: Api }).WebAssembly
let compiled: object | undefined

/** Room for positive sets, and draws from them. Page 0 is the module's own. */
export function createDrawMemory(bytesMax = memoryMax): DrawMemory {
  compiled ??= new api.Module(readFileSync(new URL('../../../kernel/draws.wasm', import.meta.url)))
  const maximum = memoryMax / PAGE
  const memory = new api.Memory({ initial: 2, maximum, shared: true })
  const { exports } = new api.Instance(compiled, { env: { memory } })
  const lent = new WeakSet<Int32Array>()
  const within = createIntMemory(memory, PAGE, bytesMax)
  const ints: IntMemory = {
    take(length) {
      const array = within.take(length)
      lent.add(array)
      return array
    },
    free: within.free,
  }
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
    if (!lent.has(array)) {
      throw new RangeError('the sets are not in the memory that they are to be drawn from')
    }
    return array.byteOffset
  }

  return {
    ...ints,
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
        const drawn = exports.draw(record.byteOffset)
        const n = request.negatives
        into.userRows.set(out.users.subarray(0, drawn), from)
        into.positives.set(out.positives.subarray(0, drawn), from)
        into.candidates.set(out.candidates.subarray(0, drawn * n), from * n)
        return drawn
      },
    }),
  }
}
