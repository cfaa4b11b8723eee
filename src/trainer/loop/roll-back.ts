// Rolling the model back to what an older checkpoint had learned. What is remembered of users and the positions in the
// input stay as they are now: the present state with earlier learned tables.

import type { Config } from '../../config.ts'
import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts'
import { namesOf } from '../../ports/live-state.ts'
import { learnedOf } from '../checkpoint/save-state.ts'
import type { Learner } from '../model/learner.ts'
import { checkShape, sizeOf } from './state.ts'

/** The number of events that the checkpoint had seen. */
export function eventsOf({ facts }: Checkpoint): number {
  return (facts.counts as { readonly events: number }).events
}

/** The state of `now` with what `old` had learned. @throws Failure CHECKPOINT_FOREIGN when `old` is another model. */
export function withLearnedOf(
  old: Checkpoint,
  now: Checkpoint,
  config: Config,
  learner: Learner,
): Checkpoint {
  checkShape(old, config)
  const tensors = new Map(now.tensors)
  for (const name of namesOf(learnedOf(learner))) {
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
 * Ids that stood for others when `old` was written, or for nobody: what it learned of those is nothing of whom they
 * stand for now or will stand for.
 */
export function idsOfOthers(old: Checkpoint, now: Checkpoint) {
  const of = (kind: string): Int32Array => {
    const names = now.texts.get(kind) ?? []
    const others: number[] = []
    let id = 0
    for (const before of old.texts.get(kind) ?? []) {
      const name = names.at(id)
      if (name !== before || name === '') others.push(id)
      id++
    }
    return Int32Array.from(others)
  }
  return { users: of('users'), items: of('items') }
}

/**
 * Finds the newest checkpoint that had seen at most `eventsMax` events (0: the newest). The one found last stays
 * in memory, because newer ones may have pushed it out of the store by the time it is needed again.
 */
export function createCheckpointFinder(store: CheckpointStore | undefined) {
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
