// The whole state of the learning side as a checkpoint, and back. Everything that the next event's result depends
// on is in it, so that a run that was stopped anywhere goes on to the same numbers.

import type { Config } from '../../config.ts'
import { Failure } from '../../errors.ts'
import type { StoreMark } from '../../messages.ts'
import { isPaper } from '../../paper/paper-network.ts'
import type { Checkpoint, Tensor } from '../../ports/checkpoint-store.ts'
import type { Lists } from '../lists/lists.ts'
import type { Learner } from '../model/learner.ts'

/** What the learning side knows besides the learner: names, positions, the books. */
export interface Books {
  readonly users: string[]
  readonly items: string[]
  readonly positions: Map<string, number>
  readonly dead: Map<string, number>
  readonly skipped: Map<string, number>
  storeMark: StoreMark | undefined
}

const stateFormat = 2
/** Settings that the learned numbers depend on: a checkpoint with others is another model. */
const shaping = [
  'parts',
  'model',
  'tower',
  'factors',
  'depth',
  'negatives',
  'choices',
  'freshWindow',
] as const
/** Of the fused model, besides: with light effort there is one history network less. */
const shapingFused = ['effort'] as const
/** Of the paper's network alone, besides. */
const shapingAlone = ['optimizer', 'stepFreshWindow'] as const

export function saveState(
  generation: number,
  config: Config,
  learner: Learner,
  lists: Lists,
  books: Books,
): Checkpoint {
  const tensors = new Map<string, Tensor>([...learner.positives.save(), ...learnedOf(learner)])
  for (const [name, data] of learner.prequential.save())
    tensors.set(name, { shape: [data.length], data })
  for (const [name, one] of learner.forgetting.save()) tensors.set(name, one)
  for (const [name, one] of learner.shedding.debt.save()) tensors.set(name, one)
  const window = learner.window.save()
  tensors.set('window', { shape: [window.length], data: window })
  for (const [name, random] of randomsOf(learner)) {
    tensors.set(`random.${name}`, { shape: [4], data: random.state() })
  }
  const streams: string[] = []
  for (const [name, one] of lists.save(streams)) tensors.set(name, one)
  return {
    generation,
    facts: {
      stateFormat,
      model: Object.fromEntries(shapingNames(config).map((name) => [name, config[name]])),
      seed: config.seed,
      counts: { ...learner.counts, loss: finite(learner.counts.loss) },
      learned: learner.learned.map(({ network, counts }) => ({
        name: network.spec.name,
        ...counts,
      })),
      positives: learner.positives.size,
      itemsSeen: learner.positives.items,
      positions: Object.fromEntries(books.positions),
      dead: Object.fromEntries(books.dead),
      skipped: Object.fromEntries(books.skipped),
      ...(books.storeMark && { storeMark: { ...books.storeMark } }),
    },
    tensors,
    texts: new Map([
      ['users', books.users.slice()],
      ['items', books.items.slice()],
      ['streams', streams],
    ]),
  }
}

/** What was learned or counted from events, as against what is remembered of them. */
export function learnedOf({ parts, neighbours, preference }: Learner): Map<string, Tensor> {
  const all = parts.includes(neighbours) ? parts : [...parts, neighbours]
  return new Map([...all.flatMap((part) => [...part.save()]), ...preference.save()])
}

/** Puts a checkpoint into a fresh learner. @throws Failure CHECKPOINT_FOREIGN when it is another model. */
export function restoreState(
  checkpoint: Checkpoint,
  config: Config,
  learner: Learner,
  lists: Lists,
  books: Books,
): void {
  checkShape(checkpoint, config)
  const { facts, tensors, texts } = checkpoint
  const users = texts.get('users') ?? []
  const items = texts.get('items') ?? []
  for (const user of users) books.users.push(user)
  for (const item of items) books.items.push(item)
  copyNumbers(facts.positions, books.positions)
  copyNumbers(facts.dead, books.dead)
  copyNumbers(facts.skipped, books.skipped)
  books.storeMark = storeMarkOf(checkpoint)
  const { rows, itemsSeen } = sizeOf(checkpoint)
  learner.positives.restore(tensors, rows, itemsSeen)
  // What was learned may be older, so smaller, than what is remembered.
  const learned = (facts.learnedSize as ReturnType<typeof sizeOf>) ?? { rows, itemsSeen }
  learner.grow(learned.rows, learned.itemsSeen)
  for (const part of learner.parts) part.restore(tensors)
  if (!learner.parts.includes(learner.neighbours)) learner.neighbours.restore(tensors)
  learner.preference.restore(tensors)
  learner.grow(rows, learner.positives.items)
  learner.prequential.restore(doubles(tensors))
  learner.forgetting.restore(tensors)
  learner.shedding.debt.restore(tensors)
  learner.window.restore((tensors.get('window')?.data ?? new Int32Array(0)) as Int32Array)
  for (const [name, random] of randomsOf(learner)) {
    const state = tensors.get(`random.${name}`)?.data
    if (state !== undefined) random.restore(state as Uint32Array)
  }
  lists.restore(tensors, texts.get('streams') ?? [])
  const counts = facts.counts as Record<string, number | null>
  Object.assign(learner.counts, { ...counts, loss: counts.loss ?? Number.NaN })
  for (const saved of (facts.learned as { name: string }[]) ?? []) {
    const one = learner.learned.find(({ network }) => network.spec.name === saved.name)
    const { name: _, ...numbers } = saved
    if (one !== undefined) Object.assign(one.counts, numbers)
  }
}

/**
 * Empties a checkpoint that nobody needs any more, since its arrays are as large as the whole state: whoever still
 * holds it keeps no more than its facts.
 */
export function releaseCheckpoint({ tensors, texts }: Checkpoint): void {
  ;(tensors as Map<string, Tensor>).clear()
  ;(texts as Map<string, readonly string[]>).clear()
}

/** Users and items that the networks of the checkpoint have rows for. */
export function sizeOf({ facts, tensors, texts }: Checkpoint) {
  return {
    rows: tensors.get('positives.start')?.shape[0] ?? 0,
    itemsSeen: (facts.itemsSeen as number | undefined) ?? texts.get('items')?.length ?? 0,
  }
}

/** The store that the checkpoint was written beside. */
export function storeMarkOf({ facts }: Checkpoint): StoreMark | undefined {
  const mark = facts.storeMark as Partial<StoreMark> | undefined
  if (typeof mark?.epoch !== 'number' || typeof mark.beat !== 'number') return undefined
  return { epoch: mark.epoch, beat: mark.beat }
}

/** The settings that the checkpoint's model was made with. */
export function shapingOf(checkpoint: Checkpoint): Partial<Config> {
  return (checkpoint.facts.model ?? {}) as Partial<Config>
}

export function shapingNames(config: Config) {
  return [...shaping, ...(isPaper(config) ? shapingAlone : shapingFused)]
}

export function checkShape(checkpoint: Checkpoint, config: Config): void {
  const { facts } = checkpoint
  const model = (facts.model ?? {}) as Record<string, unknown>
  const faults = shapingNames(config)
    .filter((name) => JSON.stringify(model[name]) !== JSON.stringify(config[name]))
    .map(
      (name) =>
        `${name} is ${JSON.stringify(model[name])} there, ${JSON.stringify(config[name])} here`,
    )
  if (facts.stateFormat !== stateFormat) {
    faults.unshift(`state format ${stateFormat} expected, got ${String(facts.stateFormat)}`)
  }
  if (faults.length === 0) return
  const advice = 'run with the same settings, or start over with --fresh'
  throw new Failure(
    'CHECKPOINT_FOREIGN',
    `the checkpoint is another model: ${faults.join('; ')}: ${advice}`,
  )
}

function* randomsOf(learner: Learner) {
  yield* learner.randoms
  for (const one of learner.learned) yield [one.network.spec.name, one.random] as const
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

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
