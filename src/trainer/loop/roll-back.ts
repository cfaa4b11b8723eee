// Going back to what an older checkpoint had learned, while what is remembered of users and where the input stands
// stays as it is: the state of now with the learned tables of then, as if the worker had been started from that.

import type { Config } from '../../config.ts'
import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts'
import type { Learner } from '../model/learner.ts'
import { checkShape, learnedOf, sizeOf } from './state.ts'

/** Events that the checkpoint had seen. */
export function eventsOf({ facts }: Checkpoint): number {
  return (facts.counts as { readonly events: number }).events
}

/** @throws Failure CHECKPOINT_FOREIGN when `old` is another model. */
export function withLearnedOf(
  old: Checkpoint,
  now: Checkpoint,
  config: Config,
  learner: Learner,
): Checkpoint {
  checkShape(old, config)
  const tensors = new Map(now.tensors)
  for (const name of learnedOf(learner).keys()) {
    const then = old.tensors.get(name)
    if (then === undefined) tensors.delete(name)
    else tensors.set(name, then)
  }
  const counts = now.facts.counts as Readonly<Record<string, number | null>>
  const { loss } = old.facts.counts as { readonly loss: number | null }
  const facts = { ...now.facts, counts: { ...counts, loss }, learnedSize: sizeOf(old) }
  return { ...now, facts, tensors }
}

/**
 * Finds the newest checkpoint that had seen at most so many events (0: the newest). The last one found is kept in
 * memory: by the time it is needed again, newer ones may have pushed it out of the store.
 */
export function createProven(store: CheckpointStore | undefined) {
  let kept: Checkpoint | undefined

  return async (eventsMax: number): Promise<Checkpoint | undefined> => {
    let found = (await store?.latest())?.checkpoint
    while (found !== undefined && eventsMax > 0 && eventsOf(found) > eventsMax) {
      found = (await store?.latest(found.generation))?.checkpoint
    }
    if (found === undefined && kept !== undefined && eventsOf(kept) <= eventsMax) found = kept
    kept = found
    return found
  }
}
