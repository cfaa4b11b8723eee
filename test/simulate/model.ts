// Models small enough for thousands of runs: one made up of two tables that every event moves, and the real learner.

import { createArraysEngine } from '../../src/adapters/arrays/engine.ts'
import { addAction } from '../../src/messages.ts'
import { ChangedRows } from '../../src/ports/live-state.ts'
import { createRandom } from '../../src/sample/random.ts'
import { groupTablesOf } from '../../src/trainer/group/group-tables.ts'
import { createLearner } from '../../src/trainer/model/learner.ts'
import type { SharedTable } from '../../src/updates/shared-table.ts'
import { configOf } from '../trainer/stream.ts'

export interface SimulatedEvent {
  readonly user: string
  readonly item: string
  readonly time: number
}

export interface SimulatedModel {
  readonly tables: readonly SharedTable[]
  /** The lowest limit of the numbers in a record; a random number is added to it. */
  readonly numbersMin: number
  /** Makes rows for items 0 … items-1. */
  grow(items: number): void
  /** Learns an event of a user by the numbers that they have here; returns the history before it, newest first. */
  learn(user: number, item: number, time: number): Int32Array
  /** Learns an event of the user once more, which was given up. */
  learnAgain(user: number, item: number): void
  count(history: Int32Array, item: number): void
}

const width = 3

/** Every event moves its item, its history, the row before item 0 and two rows of no item, by what stands there. */
export function createToyModel(): SimulatedModel {
  const items = { values: new Float32Array(width), changed: new ChangedRows() }
  const dense = Float32Array.of(0.5, -0.5, 0.25, 0.75)
  const histories = new Map<number, number[]>()
  let rows = 1

  function move(row: number, by: number): void {
    items.changed.mark(row)
    for (let d = 0; d < width; d++) {
      const at = row * width + d
      items.values[at] = items.values[at]! * 0.9 + by * (d + 1) * dense[d]!
    }
  }

  function learn(item: number, history: Int32Array, by: number): void {
    for (const one of history) move(1 + one, by / 2)
    move(1 + item, by)
    move(0, by / 4)
    for (let d = 0; d < dense.length; d++) dense[d]! += by * 0.1 * items.values[d % width]!
  }

  return {
    numbersMin: 40,
    tables: [
      {
        name: 'items',
        shift: 1,
        get rows() {
          return rows
        },
        pieces: () => [{ values: items.values, width }],
        changed: items.changed,
        isRounded: true,
        begin(names, from) {
          names.forEach((name, k) => {
            const random = createRandom(1, name)
            const at = (from + k) * width
            for (let d = 0; d < width; d++) items.values[at + d] = random.unit() - 0.5
          })
        },
      },
      {
        ...{ name: 'dense', shift: undefined, rows: 2, isRounded: false },
        pieces: () => [{ values: dense, width: 2 }],
        begin: () => undefined,
      },
    ],
    grow(count) {
      rows = Math.max(rows, count + 1)
      if (rows * width <= items.values.length) return
      const more = new Float32Array(2 * rows * width)
      more.set(items.values)
      items.values = more
    },
    learn(user, item, time) {
      const own = histories.get(user) ?? []
      const history = Int32Array.from(own.slice(0, 4))
      learn(item, history, ((time % 7) - 3) / 50)
      histories.set(user, [item, ...own])
      return history
    },
    learnAgain: (user, item) => learn(item, Int32Array.from(histories.get(user)!.slice(-1)), 0.02),
    count: () => undefined,
  }
}

const learnedConfig = configOf({ effort: 'light', factors: 4, negatives: 2, choices: 2 })

/** The real learner with two small networks. */
export function createLearnedModel(config = learnedConfig): SimulatedModel {
  const learner = createLearner({ ...config, probeUsersMax: 0 }, createArraysEngine())
  return {
    numbersMin: 1e6,
    tables: groupTablesOf(learner, config.seed),
    grow: (items) => learner.grow(learner.positives.users, items),
    learn(user, item, time) {
      const { users } = learner.momentOf(user, time)
      const history = users.historyItems.slice(0, Math.min(20, users.historyStart[1]!))
      learner.apply(user, item, time, addAction, 1)
      return history
    },
    learnAgain(user, item) {
      learner.shedding.debt.owe({ user, item, draws: true, replays: 1 })
      learner.shedding.pay()
    },
    count: learner.countOther,
  }
}
