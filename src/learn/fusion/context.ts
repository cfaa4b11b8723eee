// What the hidden layer knows of a moment beside the features of items: how long the user's history is and how old, how
// far the stream is, and the user's skill, in units of running deviations. The hour of the day told nothing.

import { createScratch, longer } from '../../arrays.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import { ChangedRows, type LiveRows, liveColumns } from '../../ports/live-state.ts'
import type { Moment } from '../part.ts'

/** Numbers of context before those of the skill. */
export const ownContexts = 5
/** The age of this item of the history, counted from 0 for the newest, tells how fast the user takes items. */
const earlierItem = 5
/** Added to a variance, so that what has hardly changed does not become large when it does. */
const floor = 1e-3
const most = 5

export interface Context {
  /** (5 + F) in their own units. What stands behind the first five is written by others. */
  readonly raw: Float32Array
  /** (2, 5 + F) means and variances. */
  readonly spread: Float64Array
  /** Takes the moment, after `events` events, and moves means and variances towards it. */
  follow(moment: Moment, events: number, rate: number): void
  /** The numbers of the moment. Valid until the next call. */
  of(moment: Moment, events: number): Float32Array
}

/** `features`: how many numbers of skill there are. */
export function createContext(features: number): Context {
  const width = ownContexts + features
  const raw = new Float32Array(width)
  const values = new Float32Array(width)
  const spread = new Float64Array(2 * width)

  function read({ users }: Moment, events: number): void {
    const length = users.historyStart[1]!
    const ages = users.historyAges
    raw[0] = Math.log(1 + users.historyLength[0]!)
    raw[1] = length > 0 ? Math.log(1 + ages[0]!) : 0
    raw[2] = length > earlierItem ? Math.log(1 + ages[earlierItem]!) : 0
    raw[3] = length === 0 ? 1 : 0
    raw[4] = Math.log(1 + events)
  }

  return {
    raw,
    spread,
    follow(moment, events, rate) {
      read(moment, events)
      for (let k = 0; k < width; k++) {
        spread[k]! += rate * (raw[k]! - spread[k]!)
        const off = raw[k]! - spread[k]!
        spread[width + k]! += rate * (off * off - spread[width + k]!)
      }
    },
    of(moment, events) {
      read(moment, events)
      for (let k = 0; k < width; k++) {
        const value = (raw[k]! - spread[k]!) / Math.sqrt(spread[width + k]! + floor)
        values[k] = Math.max(-most, Math.min(most, value))
      }
      return values
    },
  }
}

/** Of the newest item in the mean. */
const skillRate = 0.2
const middle = 0.5
const skillName = 'skill.users'
/** A mean, between -1/2 and 1/2, is kept in two bytes, in units of which a single item moves it by thousands. */
const unit = 0.5 / 32_767

/**
 * Which features have lately foretold what a user takes. Of every item that arrives the share of the other candidates
 * is known that each feature is smaller for; a moving mean of it by user and feature tells whose choices it knows.
 */
export interface Skill {
  readonly bytes: number
  /** (F) from out[at] on: the mean, less that of a feature that knows nothing. 0 for who has none. */
  read(user: number, out: Float32Array, at: number): void
  /** `places`: (F) the shares for an item that has arrived. */
  learn(user: number, places: Float32Array): void
  /** These users begin anew. */
  forget(users: Int32Array): void
  readonly live: LiveRows
  /** `columns`: by feature its column in the tensor, -1 for none. */
  restore(tensors: ReadonlyMap<string, Tensor>, columns: readonly number[]): void
}

export function createSkill(width: number): Skill {
  const changed = new ChangedRows()
  const scratch = createScratch<Float32Array>(Float32Array)
  /** (users, F) in units. */
  let means: Int16Array = new Int16Array(0)
  let rows = 0

  function grow(users: number): void {
    if (users * width > means.length) {
      means = longer(means, Math.max(users, 2 * rows, 64) * width)
    }
    rows = Math.max(rows, users)
  }

  /** As checkpoints have them, and had them before they were kept in two bytes; valid until more is read. */
  function read(from: number, to: number): Float32Array {
    const some = scratch((to - from) * width)
    for (let k = 0; k < some.length; k++) some[k] = unit * means[from * width + k]!
    return some
  }

  return {
    get bytes() {
      return means.byteLength
    },
    read(user, out, at) {
      const from = user * width
      const isKnown = user >= 0 && user < rows
      for (let f = 0; f < width; f++) out[at + f] = isKnown ? unit * means[from + f]! : 0
    },
    learn(user, places) {
      if (user < 0) return
      grow(user + 1)
      const from = user * width
      for (let f = 0; f < width; f++) {
        const mean = unit * means[from + f]!
        means[from + f] = inUnits(mean + skillRate * (places[f]! - middle - mean))
      }
      changed.mark(user)
    },
    forget(users) {
      for (const user of users) {
        if (user >= rows) continue
        means.fill(0, user * width, (user + 1) * width)
        changed.mark(user)
      }
    },
    live: liveColumns(
      changed,
      () => rows,
      () => [[skillName, { rowShape: [width], read }]],
    ),
    restore(tensors, columns) {
      const saved = tensors.get(skillName)
      if (saved === undefined) return
      const [users = 0, before = 0] = saved.shape
      grow(users)
      columns.forEach((column, f) => {
        if (column < 0) return
        for (let u = 0; u < users; u++) {
          means[u * width + f] = inUnits(saved.data[u * before + column]!)
        }
      })
    },
  }
}

function inUnits(mean: number): number {
  return Math.round(mean / unit)
}
