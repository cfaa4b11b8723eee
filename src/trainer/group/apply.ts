// One event at a worker of a group: what the update log says of its stream decides whether it is learned here.

import { addAction, type TrainerBatch } from '../../messages.ts'
import { fullAdd } from '../../strength.ts'
import type { Applied, Learner } from '../model/learner.ts'
import type { Group } from './group.ts'

/** As Learner.apply() of event k of the batch. */
export function applyAsMember(
  group: Group,
  learner: Learner,
  batch: TrainerBatch,
  k: number,
  effort: number,
): Applied {
  const { stream } = batch
  const [user, item] = [batch.users[k]!, batch.items[k]!]
  const [time, action] = [batch.times[k]!, batch.actions[k]!]
  const code = batch.strengths?.[k] ?? fullAdd
  if (action !== addAction) return learner.apply(user, item, time, action, effort)
  const fate = group.fateOf(stream, batch.offsets[k]!)
  if (fate === 'remembered') {
    learner.counts.events++
    return learner.remember(user, item, time, action, false, code) > 0 ? 'changed' : 'nothing'
  }
  group.begin(stream)
  // With no effort an event is remembered and counted, and the rest of the work is owed.
  const given = fate === 'later' ? 0 : effort
  if (group.isBehindStore(stream, false) && learner.positives.timeOf(user, item) === time) {
    return learner.applyStored(user, item, time, given)
  }
  const change = learner.apply(user, item, time, action, given, code)
  if (change === 'learned' || change === 'withheld') group.isBehindStore(stream, true)
  return change
}
