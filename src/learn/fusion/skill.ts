// Which features have lately foretold what a user takes. Of every item that arrives the share of the other candidates
// is known that each feature is smaller for; a moving mean of it by user and feature tells whose choices a feature
// knows. The hidden layer has these means as inputs.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import { ChangedRows, type LiveRows, liveRows } from '../../ports/live-state.ts'

/** Of the newest item in the mean. */
const rate = 0.2
const middle = 0.5
const name = 'skill.users'

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
  let means = new Float32Array(0)
  let rows = 0

  function grow(users: number): void {
    if (users * width > means.length) {
      const more = new Float32Array(Math.max(users, 2 * rows, 64) * width)
      more.set(means.subarray(0, rows * width))
      means = more
    }
    rows = Math.max(rows, users)
  }

  return {
    get bytes() {
      return means.byteLength
    },
    read(user, out, at) {
      const from = user * width
      const isKnown = user >= 0 && user < rows
      for (let f = 0; f < width; f++) out[at + f] = isKnown ? means[from + f]! : 0
    },
    learn(user, places) {
      if (user < 0) return
      grow(user + 1)
      const from = user * width
      for (let f = 0; f < width; f++) {
        means[from + f]! += rate * (places[f]! - middle - means[from + f]!)
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
    live: liveRows(
      changed,
      () => rows,
      () => [[name, { shape: [rows, width], data: means.subarray(0, rows * width) }]],
    ),
    restore(tensors, columns) {
      const saved = tensors.get(name)
      if (saved === undefined) return
      const [users = 0, before = 0] = saved.shape
      grow(users)
      columns.forEach((column, f) => {
        if (column < 0) return
        for (let u = 0; u < users; u++) means[u * width + f] = saved.data[u * before + column]!
      })
    },
  }
}
