// What a checkpoint holds of a group: where the worker stood in the update log, and what others can start from.

import type { Checkpoint, Tensor } from '../../ports/checkpoint-store.ts'
import type { SavedMember } from '../../updates/shares.ts'

/** What a checkpoint says of the group. */
export interface GroupFacts extends SavedMember {
  /** Offset in the update log from which to go on. */
  readonly next: number
  /** Items that have rows. */
  readonly items: number
}

export function groupFactsOf({ facts }: Checkpoint): GroupFacts | undefined {
  return facts.updates as GroupFacts | undefined
}

/** Where the update log is to be read from after this checkpoint; undefined: it is none of a group. */
export function updatesNextOf(checkpoint: Checkpoint): number | undefined {
  return groupFactsOf(checkpoint)?.next
}

/** What belongs to items, or to none: bases and networks, and all that is counted of events. */
const shared = /^(updates|neighbours|trend|match|freshness|fusion|items)[./]|\//
const popularity = /^prequential\.(counts|recent|facts)$/
const ofUsers = /\/(nbpr|dncr)\.user(\.\w+)?$/

/**
 * What a worker that joins the group starts from, as from a checkpoint of its own: all that the update log has made,
 * and nothing of the users and streams of whoever wrote it. Its arrays are those of the one that is given.
 */
export function newcomerFrom({ generation, facts, tensors, texts }: Checkpoint): Checkpoint {
  const { stateFormat, model, seed, itemsSeen, updates } = facts
  const kept = new Map<string, Tensor>()
  for (const [name, tensor] of tensors) {
    if (ofUsers.test(name)) kept.set(name, withoutRows(tensor))
    else if (shared.test(name) || popularity.test(name)) kept.set(name, tensor)
  }
  return {
    generation,
    facts: {
      ...{ stateFormat, model, seed, itemsSeen, updates },
      counts: { events: 0, repeats: 0, removals: 0, loss: null },
      ...{ learned: [], positives: 0, positions: {}, dead: {}, skipped: {} },
    },
    tensors: kept,
    texts: new Map([
      ['users', []],
      ['items', texts.get('items') ?? []],
      ['streams', []],
    ]),
  }
}

function withoutRows({ shape, data }: Tensor): Tensor {
  return { shape: [0, ...shape.slice(1)], data: data.slice(0, 0) as Tensor['data'] }
}
