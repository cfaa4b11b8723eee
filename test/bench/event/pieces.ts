// The time that the pieces of learning an event take, measured from outside.

import type { Learner } from '../../../src/trainer/model/learner.ts'

/** Milliseconds by what they went to. */
export type Spent = Map<string, number>

/** Adds what the method takes to the name's, from now on. */
export function timePiece<Name extends string>(
  spent: Spent,
  piece: { [N in Name]: unknown },
  method: Name,
  name: string,
): void {
  const work = piece[method] as (...given: unknown[]) => unknown
  spent.set(name, 0)
  piece[method] = (...given: unknown[]) => {
    const began = performance.now()
    const result = work(...given)
    spent.set(name, spent.get(name)! + performance.now() - began)
    return result
  }
}

/** What the pieces of learning take, from now on. */
export function watch(learner: Learner, spent: Spent = new Map()): Spent {
  timePiece(spent, learner.preference, 'learn', 'fusion')
  for (const learned of learner.networks) {
    const { name } = learned.network.spec
    timePiece(spent, learned.network, 'step', `${name}: steps`)
    timePiece(spent, learned, 'learnEvent', `${name}: at once`)
    timePiece(spent, learned, 'replay', `${name}: replays`)
  }
  for (const part of learner.parts) {
    timePiece(spent, part, 'score', `${part.name}: score`)
    timePiece(spent, part, 'observe', `${part.name}: count`)
  }
  return spent
}
