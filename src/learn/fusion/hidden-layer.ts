// A small layer that bends the score: rectified linear units over the same features, beside direct weights. Those say
// how much a feature counts; the units say when, such as a large count of neighbours in a session, or for a user whose
// choices a feature has lately known. Both are learned on the stream before any part learns the event.
//
// Symbols: s(i) = Σ_f c_f x_f(i) the score by the direct weights, without the bias for returning users; u(i) what the
// units add (HiddenUnits in ports/catalogue.ts); i the item that arrived.
//   loss = -log (e^(s+u)(i) / Σ_j e^(s+u)(j)) over i and all candidates j. The units take a step of Adam; the slopes by
//   s are for the direct weights, which fusion.ts has.
// The outputs of the units begin at 0, so units that have learned nothing add nothing.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import type { LiveRows } from '../../ports/live-state.ts'
import type { FeatureSums, HiddenShape, HiddenUnits } from '../../ports/scoring.ts'
import { fillNormal, tableKey } from '../network/rows.ts'
import type { Moment } from '../part.ts'
import { createContext, createSkill, ownContexts } from './context.ts'
import { createPlainUnits } from './hidden-units.ts'

export interface HiddenOptions {
  /** 0: there is no layer. */
  readonly units: number
  /** Adam's. */
  readonly rate: number
  /** Of the direct weights: Adagrad's. */
  readonly directRate: number
  readonly seed: number
}

export interface HiddenLayer {
  readonly bytes: number
  /** Of the direct weights. */
  readonly rate: number
  /** Takes the features that add() and learn() are about. */
  readonly sums: FeatureSums
  /** out[x] += u of the x-th item. */
  add(moment: Moment, out: Float32Array): void
  /**
   * Learns from items[0] against the others, -1 marks none; `s` by item. The step is `weight` times a whole one.
   * Returns dloss/ds by item, valid until the next call; undefined where there are no others.
   */
  learn(
    moment: Moment,
    items: Int32Array,
    s: Float32Array,
    weight: number,
  ): Float32Array | undefined
  forgetUsers(users: Int32Array): void
  /** Views of what a group shares. */
  tensors(): [string, Tensor][]
  /** By user. */
  readonly live: LiveRows
  save(): [string, Tensor][]
  /** `columns`: by feature its column in the tensors, -1 for none; `before`: how many there were. */
  restore(tensors: ReadonlyMap<string, Tensor>, columns: readonly number[], before: number): void
}

const stateNames = ['weights', 'first', 'second', 'spread', 'context', 'steps'] as const
/** Events over which means and variances forget. */
const memory = 20_000
const [firstDecay, secondDecay, epsilon] = [0.9, 0.999, 1e-8]

/** `make`: the units of an engine; left out: plain loops. */
export function createHiddenLayer(
  features: number,
  { units: count, rate, directRate, seed }: HiddenOptions,
  make: (shape: HiddenShape) => HiddenUnits = createPlainUnits,
): HiddenLayer {
  const context = createContext(features)
  const contexts = context.raw.length
  const width = features + contexts + 2
  const units = make({ features, contexts, units: count })
  const skill = createSkill(features)
  const { weights, moments, spread } = units
  let scores = new Float32Array(0)
  let added = new Float32Array(0)
  let steps = 0

  const key = tableKey(seed, 'fusion.hidden')
  for (let h = 0; h < count; h++) {
    fillNormal(weights, h * width, width - 2, key, h, 1 / Math.sqrt(width - 2))
  }

  /** s of the items that are there; false where there is none but the first. */
  function takeScores(items: Int32Array, s: Float32Array): boolean {
    const n = items.length
    if (scores.length !== n) scores = new Float32Array(n)
    const taken = scores
    let there = 0
    for (let x = 0; x < n; x++) {
      const isThere = items[x]! >= 0
      taken[x] = isThere ? s[x]! : Number.NEGATIVE_INFINITY
      if (isThere) there++
    }
    return there > (items[0]! >= 0 ? 1 : 0)
  }

  return {
    rate: directRate,
    sums: units.sums,
    get bytes() {
      return 4 * (weights.length + moments[0].length + moments[1].length) + skill.bytes
    },
    add(moment, out) {
      if (steps === 0) return
      const n = out.length
      if (added.length < n) added = new Float32Array(n)
      skill.read(moment.user, context.raw, ownContexts)
      const more = added
      units.score(context.of(moment, steps), more)
      for (let x = 0; x < n; x++) out[x]! += more[x]!
    },
    learn(moment, items, s, weight) {
      if (!takeScores(items, s)) return undefined
      skill.read(moment.user, context.raw, ownContexts)
      const follow = 1 / Math.min(steps + 1, memory)
      context.follow(moment, steps, follow)
      steps++
      const second = Math.sqrt(1 - secondDecay ** steps)
      units.learn(context.of(moment, steps - 1), scores, {
        follow,
        pull: (weight * rate * second) / (1 - firstDecay ** steps),
        epsilon: epsilon * second,
      })
      skill.learn(moment.user, units.places)
      return units.slopes
    },
    forgetUsers: skill.forget,
    live: skill.live,
    tensors: () => [['fusion.hidden.weights', { shape: [count, width], data: weights }]],
    save: () => [
      ['fusion.hidden.weights', { shape: [count, width], data: weights.slice() }],
      ['fusion.hidden.first', { shape: [count, width], data: moments[0].slice() }],
      ['fusion.hidden.second', { shape: [count, width], data: moments[1].slice() }],
      ['fusion.hidden.spread', { shape: [2, features], data: spread.slice() }],
      ['fusion.hidden.context', { shape: [2, contexts], data: context.spread.slice() }],
      ['fusion.hidden.steps', { shape: [1], data: Float64Array.of(steps) }],
    ],
    restore(tensors, columns, before) {
      // Another number of units, or a version with other inputs: the layer begins anew.
      if (savedUnits(tensors, before) !== count) return
      const saved = (name: (typeof stateNames)[number]) => tensors.get(`fusion.hidden.${name}`)!
      const end = before + ownContexts + before
      steps = saved('steps').data[0]!
      const ofContext = contextColumns(columns)
      const ofUnits = [
        ...columns,
        ...ofContext.map((column) => (column < 0 ? column : before + column)),
        ...[end, end + 1],
      ]
      takeColumns(saved('weights'), ofUnits, weights)
      takeColumns(saved('first'), ofUnits, moments[0])
      takeColumns(saved('second'), ofUnits, moments[1])
      takeColumns(saved('spread'), columns, spread)
      takeColumns(saved('context'), ofContext, context.spread)
      skill.restore(tensors, columns)
    },
  }
}

/** Units of the layer that the tensors hold, over `features`; 0 where there is none that can be gone on from. */
export function savedUnits(tensors: ReadonlyMap<string, Tensor>, features: number): number {
  const saved = stateNames.map((name) => tensors.get(`fusion.hidden.${name}`))
  const [units = 0, inputs] = saved[0]?.shape ?? []
  const fits = inputs === features + ownContexts + features + 2
  return fits && !saved.includes(undefined) ? units : 0
}

/** By number of context its column in tensors of older features. */
function contextColumns(columns: readonly number[]): number[] {
  const own = Array.from({ length: ownContexts }, (_, k) => k)
  return [...own, ...columns.map((column) => (column < 0 ? -1 : ownContexts + column))]
}

/** Column f of `into` = the column that belongs to it, 0 where there is none. */
function takeColumns(
  { shape, data }: Tensor,
  columns: readonly number[],
  into: Float32Array | Float64Array,
): void {
  const [height = 0, width = 0] = shape
  columns.forEach((column, f) => {
    for (let row = 0; row < height; row++) {
      into[row * columns.length + f] = column < 0 ? 0 : data[row * width + column]!
    }
  })
}
