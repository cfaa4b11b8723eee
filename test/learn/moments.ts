// Moments of users for the tests of the parts, from plain lists of items.

import type { Moment } from '../../src/learn/part.ts'

/** `history`: newest first; all of it is given unless `length` says that there was more. */
export function momentOf(history: readonly number[], length = history.length, time = 0): Moment {
  return {
    user: 0,
    time,
    users: {
      count: 1,
      userRows: Int32Array.of(0),
      historyStart: Int32Array.of(0, history.length),
      historyItems: Int32Array.from(history),
      historyAges: new Float32Array(history.length),
      historyLength: Int32Array.of(length),
    },
  }
}
