// Unusable records into an array, in the order written.

import type { DeadLetterSink } from '../../../src/ports/sinks.ts'
import type { DeadLetter } from '../../../src/types.ts'

export interface MemoryDeadLetterSink extends DeadLetterSink {
  readonly letters: readonly DeadLetter[]
}

export function createMemoryDeadLetterSink(): MemoryDeadLetterSink {
  const kept: DeadLetter[] = []
  return {
    letters: kept,
    async write(letters) {
      for (const letter of letters) kept.push(letter)
    },
    async close() {
      // Nothing is held but the array, which stays readable.
    },
  }
}
