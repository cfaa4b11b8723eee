// The metrics of what the trainer says of itself: counters, levels, quality before learning, forgetting.
// One call per report; nothing here runs on the trainer's side.

import { type Ranker, rankers, type Segment, segments, type TrainerStats } from '../messages.ts'
import { partNames } from '../settings/learning.ts'
import type { Count, Instruments } from './instruments.ts'

/** What the trainer says of itself. Totals follow its own counts from the first report on. */
export function trainerMetrics(make: Instruments, now: () => number) {
  const totals = totalsOf(make)
  const levels = levelsOf(make)
  const heartbeat = make.level(
    'neupr_trainer_heartbeat_timestamp_seconds',
    'When the trainer last reported, in seconds since the epoch',
  )
  const weights = make.levels(
    'neupr_part_weight',
    'Weight of a part in the score, summed over its features and averaged over the events learned',
    'part',
    partNames,
  )
  const effort = make.level(
    'neupr_training_effort_ratio',
    'Share of the full number of draws that each event gets; below 1 while the queue is long',
  )
  const norm = make.level(
    'neupr_model_row_norm',
    'Largest norm among the learned rows that were checked lately',
  )
  const quality = qualityOf(make)
  const forgetting = make.levels(
    'neupr_forgetting_hit_ratio',
    'Hit ratio at 10 on old events of some users: when they were new, and now',
    'moment',
    ['before', 'after'],
  )
  const forgettingUsers = make.level('neupr_forgetting_users', 'Users in the forgetting probe')

  /** Call it once before the first event, so that the counters start from there. */
  function observeTrainer(stats: TrainerStats): void {
    heartbeat.set(now() / 1000)
    for (const [key, follow] of totals) follow(stats[key])
    for (const [key, level] of levels) level.set(stats[key])
    for (const [part, weight] of byPart(stats.weights)) weights.from(part).set(weight)
    if (stats.norm !== undefined) norm.set(stats.norm)
    if (stats.effort !== undefined) effort.set(stats.effort)
    quality(stats.quality)
    forgettingUsers.set(stats.forgetting.users)
    if (stats.forgetting.users === 0) return
    forgetting.of('before').set(stats.forgetting.before)
    forgetting.of('after').set(stats.forgetting.after)
  }
  return { observeTrainer }
}

/** Features are named after their part: `trend.100` is one of trend. */
function byPart(weights: Readonly<Record<string, number>>): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [feature, weight] of Object.entries(weights)) {
    const [part = ''] = feature.split('.')
    sums.set(part, (sums.get(part) ?? 0) + weight)
  }
  return sums
}

type Figure = {
  [K in keyof TrainerStats]: TrainerStats[K] extends number ? K : never
}[keyof TrainerStats]

const totalRows = [
  ['events', 'neupr_trainer_events_total', 'Events the trainer has remembered'],
  [
    'repeats',
    'neupr_trainer_repeats_total',
    'Events that changed nothing: repeated ones, and ones older than what is known',
  ],
  ['removals', 'neupr_trainer_removals_total', 'Events that removed an item'],
  ['steps', 'neupr_training_steps_total', 'Training steps'],
  [
    'learningSeconds',
    'neupr_training_seconds_total',
    'Seconds the trainer spent on predicting, remembering and learning events',
  ],
  [
    'triplets',
    'neupr_triplets_total',
    'Triplets (user, item they have, item they do not have) that were learned',
  ],
  [
    'drawsRejected',
    'neupr_triplet_draws_rejected_total',
    'Negatives that were drawn again because the user has them',
  ],
  [
    'debtGivenUp',
    'neupr_learning_debt_given_up_total',
    'Events shed under overload that will never be learned in full: NEUPR_DEBT_EVENTS_MAX was reached',
  ],
  [
    'itemsForgotten',
    'neupr_items_forgotten_total',
    'Items forgotten at NEUPR_EARLIER_ITEMS_PER_USER_MAX: they may be listed to their user again',
  ],
  [
    'excessEvents',
    'neupr_excess_events_total',
    'Events remembered but not learned, because their user sent more than NEUPR_USER_SHARE_MAX of all',
  ],
  ['listsRanked', 'neupr_lists_ranked_total', 'Lists computed'],
  [
    'listsWithdrawn',
    'neupr_lists_withdrawn_total',
    'Lists computed again because an item in them may no longer be listed',
  ],
  [
    'listsUnchanged',
    'neupr_lists_unchanged_total',
    'Lists not published because they had not changed',
  ],
  [
    'listsLate',
    'neupr_lists_late_total',
    'Lists computed more than 250 ms after they were due, because more are due than can be ranked',
  ],
  [
    'newItemsUnscored',
    'neupr_new_items_unscored_total',
    'Events of items that nobody had before; no ranker can know them, so they are not scored',
  ],
  [
    'leftOutUnscored',
    'neupr_left_out_items_unscored_total',
    'Events of measured actions on items that were out of the list already, as a purchase from the cart; not scored',
  ],
] as const satisfies readonly (readonly [Figure, string, string])[]

const levelRows = [
  ['users', 'neupr_users', 'Users known'],
  ['items', 'neupr_items', 'Items known'],
  ['itemsUnlisted', 'neupr_items_unlisted', 'Known items that may not be listed at the moment'],
  ['positives', 'neupr_positives', 'Items in all positive sets'],
  [
    'earlierItems',
    'neupr_earlier_items',
    'Items that users have beyond what fits into their positive sets',
  ],
  [
    'usersSaturated',
    'neupr_users_saturated',
    'Draws that found no negative so far, because the user has nearly every item',
  ],
  ['loss', 'neupr_training_loss', 'Mean loss of the newest steps, in nats per triplet'],
  [
    'learningShare',
    'neupr_training_busy_ratio',
    'Share of its time that the trainer spends on learning',
  ],
  ['queuedEvents', 'neupr_trainer_queue_events', 'Events waiting for the trainer'],
  [
    'debtEvents',
    'neupr_learning_debt_events',
    'Events shed under overload that are still to be learned in full',
  ],
  [
    'shedShare',
    'neupr_learning_shed_ratio',
    'Share of the work on the newest thousand events or so that was shed under overload',
  ],
  ['modelVersion', 'neupr_model_version', 'modelVersion of the next list'],
  ['bytes', 'neupr_model_bytes', 'Bytes of the model and the positive sets in memory'],
] as const satisfies readonly (readonly [Figure, string, string])[]

function totalsOf(make: Instruments) {
  return totalRows.map(
    ([key, name, help]) => [key, createFollower(make.count(name, help))] as const,
  )
}

function levelsOf(make: Instruments) {
  return levelRows.map(([key, name, help]) => [key, make.level(name, help)] as const)
}

/** Every event is predicted before it is learned; shown only where something was scored. */
function qualityOf(make: Instruments): (quality: TrainerStats['quality']) => void {
  const names = [rankers, segments] as const
  const at = ['ranker', 'segment'] as const
  const hits = make.grid('neupr_prequential_hit_ratio', 'Hit ratio at 10', at, names)
  const ndcg = make.grid('neupr_prequential_ndcg', 'NDCG at 10', at, names)
  const scored = make.grid('neupr_prequential_events', 'Events scored before learning', at, names)
  return (quality) => {
    for (const [segment, byRanker] of Object.entries(quality)) {
      for (const [ranker, sums] of Object.entries(byRanker)) {
        const cell = [ranker as Ranker, segment as Segment] as const
        scored(...cell)?.(sums.events)
        if (sums.events === 0) continue
        hits(...cell)?.(sums.hits / sums.events)
        ndcg(...cell)?.(sums.ndcg / sums.events)
      }
    }
  }
}

/**
 * Adds to `count` what a total has grown by since the last call. The first total is the base, because a trainer that
 * goes on from a checkpoint starts at a million steps, and none of them happened now; so is one that fell, after a
 * rollback.
 */
export function createFollower(count: Count): (total: number) => void {
  let last: number | undefined
  return (total) => {
    if (!Number.isFinite(total)) return
    if (last !== undefined && total > last) count.add(total - last)
    last = total
  }
}
