// Requests to the other side of a port: each has a number, and its promise is kept until the answer with that number
// comes, or until it is known that none will.

import { type Failure, failureFrom } from '../../errors.ts'
import type { FromTrainer } from '../../requests.ts'

export interface Requests {
  /** Sends a request under a new number. Resolves with its answer, rejects with what the other side failed with. */
  ask<T>(send: (number: number) => void): Promise<T>
  receive(message: Extract<FromTrainer, { kind: 'answer' | 'refused' }>): void
  /** No answer will come any more. */
  refuseAll(why: Failure): void
}

interface Asked {
  readonly resolve: (answer: never) => void
  readonly reject: (failure: Failure) => void
}

export function createRequests(): Requests {
  const open = new Map<number, Asked>()
  let number = 0

  return {
    ask: <T>(send: (number: number) => void) =>
      new Promise<T>((resolve, reject) => {
        number++
        send(number)
        open.set(number, { resolve, reject })
      }),
    receive(message) {
      const asked = open.get(message.number)
      open.delete(message.number)
      if (message.kind === 'answer') asked?.resolve(message.answer as never)
      else asked?.reject(failureFrom(message.code, message.message))
    },
    refuseAll(why) {
      for (const asked of open.values()) asked.reject(why)
      open.clear()
    },
  }
}
