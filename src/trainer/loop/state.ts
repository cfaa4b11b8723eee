// The whole state of the learning side as a checkpoint, and back. A checkpoint holds everything that the result of the
// next event depends on, so a run that was stopped anywhere continues with the same numbers.

import type { Config } from '../../config.ts'
import { Failure } from '../../errors.ts'
import { savedUnits } from '../../learn/fusion/hidden-layer.ts'
import type { Part } from '../../learn/part.ts'
import type { StoreMark } from '../../messages.ts'
import { isPaper } from '../../paper/paper-network.ts'
import type { Checkpoint, Tensor } from '../../ports/checkpoint-store.ts'
import type { Restored } from '../../remember/holdings.ts'
import { flagOf } from '../../settings/setting.ts'
import type { Group } from '../group/group.ts'
import type { Lists } from '../lists/lists.ts'
import type { ListableItems } from '../lists/recommender.ts'
import type { Learner } from '../model/learner.ts'
import { planLearner } from '../model/plan.ts'
import type { InputState } from './input-state.ts'

export const stateFormat = 2
/** Settings that the learned numbers depend on: a checkpoint with other values holds another model. */
const modelSettings = [
  'parts',
  'model',
  'tower',
  'factors',
  'depth',
  'negatives',
  'choices',
  'freshWindow',
] as const
/** Further ones of the fused model: with light effort it has one history network less. */
const fusedSettings = ['effort'] as const
/** Further ones of the paper's network. */
const paperSettings = ['optimizer', 'stepFreshWindow'] as const

export interface Stateful {
  readonly learner: Learner
  readonly lists: Lists
  readonly input: InputState
  /** undefined: whatever is known may be listed. */
  readonly feed?: ListableItems | undefined
  /** undefined: nothing is shared. */
  readonly group?: Pick<Group, 'state' | 'facts'> | undefined
}

/** The neighbours are counted even where they are no part of the model: they are a baseline, too. */
export function partsWithState({ parts, neighbours }: Learner): readonly Part[] {
  return parts.includes(neighbours) ? parts : [...parts, neighbours]
}

/**
 * Puts a checkpoint into a fresh learner and copies all that it takes over, so that the checkpoint can be freed.
 * `restored` is told of each large piece once it is in the learner: nothing of it is read from the checkpoint again.
 * @throws Failure CHECKPOINT_FOREIGN when it holds another model.
 */
export function restoreState(
  checkpoint: Checkpoint,
  config: Config,
  { learner, lists, input, feed }: Stateful,
  restored: Restored = () => undefined,
): void {
  checkShape(checkpoint, config)
  const { facts, tensors, texts } = checkpoint
  for (const user of texts.get('users') ?? []) input.users.push(user)
  for (const item of texts.get('items') ?? []) input.items.push(item)
  input.lastUses.users.restore('users', tensors)
  input.lastUses.items.restore('items', tensors)
  copyNumbers(facts.positions, input.positions)
  for (const [stream, mark] of marksOf(checkpoint)) input.marks.set(stream, mark)
  copyNumbers(facts.dead, input.dead)
  copyNumbers(facts.skipped, input.skipped)
  input.storeMark = storeMarkOf(checkpoint)
  restoreModel(checkpoint, learner, restored)
  input.leaving.restore(learner, tensors)
  lists.restore(tensors, [...(texts.get('streams') ?? [])])
  // What another feed said holds no more.
  const said = itemFeedOf(checkpoint) === config.items ? tensors : new Map<string, Tensor>()
  feed?.availability.restore(said, texts.get('items') ?? [], feed.nowMs())
}

function restoreModel(checkpoint: Checkpoint, learner: Learner, restored: Restored): void {
  const { facts, tensors } = checkpoint
  const { rows, itemsSeen } = sizeOf(checkpoint)
  learner.positives.restore(tensors, rows, itemsSeen, restored)
  restored(learner.positives.state())
  // What was learned may be older, and so smaller, than what is remembered.
  const learned = (facts.learnedSize as ReturnType<typeof sizeOf>) ?? { rows, itemsSeen }
  learner.grow(learned.rows, learned.itemsSeen, true)
  for (const part of partsWithState(learner)) {
    part.restore(tensors, restored)
    restored(part.state)
  }
  learner.preference.restore(tensors)
  learner.grow(rows, learner.positives.items)
  learner.prequential.restore(doubles(tensors))
  learner.forgetting.restore(tensors)
  learner.shedding.debt.restore(tensors)
  learner.userShare.restore(tensors)
  learner.window.restore((tensors.get('window')?.data ?? new Int32Array(0)) as Int32Array)
  for (const [name, random] of randomsOf(learner)) {
    const state = tensors.get(`random.${name}`)?.data
    if (state !== undefined) random.restore(state as Uint32Array)
  }
  const counts = facts.counts as Record<string, number | null>
  Object.assign(learner.counts, { ...counts, loss: counts.loss ?? Number.NaN })
  for (const { name, ...counts } of (facts.learned as { name: string }[]) ?? []) {
    const found = learner.networks.find(({ network }) => network.spec.name === name)
    if (found !== undefined) Object.assign(found.counts, counts)
  }
}

/** Users and items that the networks of the checkpoint have rows for. */
export function sizeOf({ facts, tensors, texts }: Checkpoint) {
  return {
    rows: tensors.get('positives.start')?.shape[0] ?? 0,
    itemsSeen: (facts.itemsSeen as number | undefined) ?? texts.get('items')?.length ?? 0,
  }
}

/** How to recognise the store that the worker wrote to beside this checkpoint. */
export function storeMarkOf({ facts }: Checkpoint): StoreMark | undefined {
  const mark = facts.storeMark as Partial<StoreMark> | undefined
  if (typeof mark?.epoch !== 'number' || typeof mark.beat !== 'number') return undefined
  return { epoch: mark.epoch, beat: mark.beat }
}

/** Older checkpoints have none. */
export function marksOf({ facts }: Checkpoint): Map<string, string> {
  return new Map(Object.entries((facts.marks ?? {}) as Record<string, string>))
}

/** The item feed that the worker obeyed; empty: none. */
export function itemFeedOf({ facts }: Checkpoint): string {
  return typeof facts.itemFeed === 'string' ? facts.itemFeed : ''
}

/** The settings that the checkpoint's model was made with. */
export function modelSettingsOf(checkpoint: Checkpoint): Partial<Config> {
  return (checkpoint.facts.model ?? {}) as Partial<Config>
}

export function modelSettingNames(config: Config) {
  return [...modelSettings, ...(isPaper(config) ? paperSettings : fusedSettings)]
}

export function checkShape(checkpoint: Checkpoint, config: Config): void {
  const { facts } = checkpoint
  const model = (facts.model ?? {}) as Record<string, unknown>
  const faults = modelSettingNames(config)
    .filter((name) => JSON.stringify(model[name]) !== JSON.stringify(config[name]))
    .filter((name) => name !== 'parts' || !haveOnlyGained(model.parts, config.parts))
    .map(
      (name) =>
        `${flagOf(name)} is ${valueText(model[name])} there, ${valueText(config[name])} here`,
    )
  if (facts.stateFormat !== stateFormat) {
    faults.unshift(`state format ${stateFormat} expected, got ${String(facts.stateFormat)}`)
  }
  if (faults.length === 0) return
  const advice = 'run with the same settings, or start over with --fresh'
  throw new Failure(
    'CHECKPOINT_FOREIGN',
    `the checkpoint holds another model: ${faults.join('; ')}: ${advice}`,
  )
}

/** What becomes of the checkpoint's hidden layer, where it is not the one that the settings ask for. */
export function layerNews({ tensors }: Checkpoint, config: Config): string | undefined {
  const sums = tensors.get('fusion.sums')
  if (isPaper(config) || sums === undefined) return undefined
  const there = savedUnits(tensors, sums.data.length - 1)
  const here = planLearner(config).hidden.units
  if (there === here) return undefined
  if (there === 0) {
    return `the checkpoint has no hidden layer to go on with: one of ${here} units begins to learn`
  }
  const change = here === 0 ? 'it is left out' : `one of ${here} units begins to learn instead`
  const keep = `to keep what it has learned, run with --hidden-units ${there}`
  return `the checkpoint has a hidden layer of ${there} units: ${change}; ${keep}`
}

/** A value as a flag has it. */
function valueText(value: unknown): string {
  return value === undefined ? 'not told' : String(value)
}

/** Parts that count begin with nothing, so a model may gain those that older versions did not have. */
function haveOnlyGained(there: unknown, here: readonly string[]): boolean {
  if (!Array.isArray(there)) return false
  const gained = here.filter((part) => !there.includes(part))
  return (
    here.length - gained.length === there.length &&
    gained.every((part) => part === 'match' || part === 'freshness')
  )
}

export function* randomsOf(learner: Learner) {
  yield* learner.randoms
  for (const { network, random } of learner.networks) yield [network.spec.name, random] as const
}

function doubles(tensors: ReadonlyMap<string, Tensor>): Map<string, Float64Array> {
  const found = new Map<string, Float64Array>()
  for (const [name, { data }] of tensors) if (data instanceof Float64Array) found.set(name, data)
  return found
}

function copyNumbers(from: unknown, into: Map<string, number>): void {
  for (const [name, value] of Object.entries((from ?? {}) as Record<string, number>))
    into.set(name, value)
}
