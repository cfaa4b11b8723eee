// What a checkpoint holds of the learning side: all at once as copies, or to be read a piece at a time while it works.

import type { Config } from '../../config.ts'
import type { Checkpoint, Tensor, Texts } from '../../ports/checkpoint-store.ts'
import { type ChangedRows, type LiveState, stateOf } from '../../ports/live-state.ts'
import type { NameList } from '../../remember/name-list.ts'
import type { InputState } from '../loop/input-state.ts'
import {
  modelSettingNames,
  partsWithState,
  randomsOf,
  type Stateful,
  stateFormat,
} from '../loop/state.ts'
import type { Learner } from '../model/learner.ts'
import { copyOf, viewOf } from './whole-state.ts'

/** All at once, as copies. */
export function saveState(generation: number, config: Config, of: Stateful): Checkpoint {
  const { users, items } = of.input
  const texts = { users: users.slice(), items: items.slice() }
  return checkpointOf(generation, config, of, copyOf(savedState(of)), texts)
}

/** The same, valid until anything changes. */
export function viewState(generation: number, config: Config, of: Stateful): Checkpoint {
  return checkpointOf(generation, config, of, viewOf(savedState(of)), of.input)
}

/** All that rows and small tensors hold, but for the lists, which need the names of their streams. */
function savedState({ learner, input, feed, group }: Stateful): LiveState {
  const own = [stateOfLearner(learner), usesOf(input), stateOfFeed(feed)]
  return stateOf(group === undefined ? own : [...own, group.state])
}

function checkpointOf(
  generation: number,
  config: Config,
  of: Stateful,
  tensors: Map<string, Tensor>,
  { users, items }: { readonly users: Texts; readonly items: Texts },
): Checkpoint {
  const streams: string[] = []
  for (const [name, tensor] of of.lists.save(streams)) tensors.set(name, tensor)
  return {
    generation,
    facts: factsOf(config, of),
    tensors,
    texts: new Map<string, Texts>([
      ['users', users],
      ['items', items],
      ['streams', streams],
    ]),
  }
}

/** A list that may grow. */
export interface LiveNames {
  readonly list: NameList
  readonly changed: ChangedRows
}

/** What is short and may become any other list. */
export interface ShortTexts {
  readonly list: readonly string[]
}

export type LiveTexts = LiveNames | ShortTexts

/** A checkpoint that is still the state itself. */
export interface LiveSnapshot {
  readonly state: LiveState
  readonly texts: ReadonlyMap<string, LiveTexts>
  facts(): Checkpoint['facts']
}

export function liveSnapshotOf(config: Config, of: Stateful): LiveSnapshot {
  const streams: string[] = []
  const { users, items, changedNames } = of.input
  return {
    state: stateOf([savedState(of), of.lists.state(streams)]),
    texts: new Map<string, LiveTexts>([
      ['users', { list: users, changed: changedNames.users }],
      ['items', { list: items, changed: changedNames.items }],
      ['streams', { list: streams }],
    ]),
    facts: () => factsOf(config, of),
  }
}

function usesOf({ lastUses, users, items, leaving }: InputState): LiveState {
  return stateOf([
    leaving.state,
    lastUses.users.state('users', () => users.length),
    lastUses.items.state('items', () => items.length),
  ])
}

function stateOfFeed(feed: Stateful['feed']): LiveState {
  return { live: [], rest: () => feed?.availability.save() ?? new Map() }
}

/** What was learned or counted from events, as opposed to what is remembered of them. */
export function learnedOf(learner: Learner): LiveState {
  const { preference } = learner
  return stateOf([
    ...partsWithState(learner).map(({ state }) => state),
    { live: preference.live ?? [], rest: () => preference.save() },
  ])
}

function stateOfLearner(learner: Learner): LiveState {
  const { positives, prequential, forgetting, shedding, userShare, window } = learner
  const rest = (): Map<string, Tensor> =>
    new Map([
      ...[...prequential.save()].map(([name, data]) => [name, vector(data)] as const),
      ...forgetting.save(),
      ...userShare.save(),
      ['window', vector(window.save())] as const,
      ...[...randomsOf(learner)].map(
        ([name, random]) => [`random.${name}`, vector(random.state())] as const,
      ),
    ])
  return stateOf([positives.state(), learnedOf(learner), shedding.debt.state(), { live: [], rest }])
}

export function factsOf(
  config: Config,
  { learner, input, feed, group }: Stateful,
): Checkpoint['facts'] {
  return {
    stateFormat,
    model: Object.fromEntries(modelSettingNames(config).map((name) => [name, config[name]])),
    seed: config.seed,
    counts: { ...learner.counts, loss: finite(learner.counts.loss) },
    learned: learner.networks.map(({ network, counts }) => ({
      name: network.spec.name,
      ...counts,
    })),
    positives: learner.positives.size,
    itemsSeen: learner.positives.items,
    positions: Object.fromEntries(input.positions),
    ...(input.marks.size > 0 && { marks: Object.fromEntries(input.marks) }),
    dead: Object.fromEntries(input.dead),
    skipped: Object.fromEntries(input.skipped),
    ...(feed && { itemFeed: config.items }),
    ...(group && { updates: group.facts() }),
    ...(input.storeMark && { storeMark: { ...input.storeMark } }),
  }
}

function vector(data: Tensor['data']): Tensor {
  return { shape: [data.length], data }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
