// What is known of a withheld event, and how checkpoints hold it: the user as of then, the items that it is ranked
// among, and which of them were ahead at each measurement.

import type { Moment } from '../learn/part.ts'
import type { Tensor } from '../ports/checkpoint-store.ts'
import type { UserBatch } from '../ports/engine.ts'

export const sampledNegatives = 100

export interface Probe {
  readonly moment: Moment
  /** The withheld item, then those it is ranked among. */
  readonly items: Int32Array
  /** For each measurement, by its number of events, whether items[x] was ranked ahead: 1 or 0 at x-1. */
  readonly ahead: Map<number, Uint8Array>
  /** What a checkpoint holds of the moment and the items, and of `ahead`: made before it is asked for. */
  readonly row: Tensor
  flags: Tensor
}

export function createProbe(moment: Moment, items: Int32Array): Probe {
  return { moment, items, ahead: new Map(), row: rowOf(moment, items), flags: flagsOf(new Map()) }
}

/** What was ahead when this many events had come. */
export function measured(probe: Probe, events: number, ahead: Uint8Array): void {
  probe.ahead.set(events, ahead)
  probe.flags = flagsOf(probe.ahead)
}

/** Of each probe its user, history and items in one tensor, and what was ahead at each measurement in another. */
export function* probesToSave(probes: readonly Probe[]): Iterable<[string, Tensor]> {
  for (const [k, { row, flags }] of probes.entries()) {
    yield [`probe.${k}`, row]
    yield [`probe.${k}.ahead`, flags]
  }
}

function rowOf(moment: Moment, items: Int32Array): Tensor {
  const { historyItems, historyAges, historyLength } = moment.users
  const facts = [moment.user, moment.time, historyLength[0]!, ...historyItems, ...historyAges]
  return vector([historyItems.length, ...facts, ...items])
}

function flagsOf(ahead: Probe['ahead']): Tensor {
  const data = new Float64Array(ahead.size * (1 + sampledNegatives))
  let at = 0
  for (const [events, flags] of ahead) {
    data[at] = events
    data.set(flags, at + 1)
    at += 1 + sampledNegatives
  }
  return { shape: [data.length], data }
}

export function* savedProbes(tensors: ReadonlyMap<string, Tensor>): Iterable<Probe> {
  for (let k = 0; tensors.has(`probe.${k}`); k++) {
    const flat = tensors.get(`probe.${k}.ahead`)?.data ?? new Float64Array(0)
    const ahead = new Map<number, Uint8Array>()
    for (let at = 0; at + sampledNegatives < flat.length; at += 1 + sampledNegatives) {
      ahead.set(flat[at]!, Uint8Array.from(flat.subarray(at + 1, at + 1 + sampledNegatives)))
    }
    yield probeOf(tensors.get(`probe.${k}`)!.data, ahead)
  }
}

function vector(values: readonly number[]): Tensor {
  return { shape: [values.length], data: Float64Array.from(values) }
}

function probeOf(row: ArrayLike<number>, ahead: Map<number, Uint8Array>): Probe {
  const [size = 0, user = 0, time = 0, length = 0, ...rest] = Array.from(row)
  const users: UserBatch = {
    count: 1,
    userRows: Int32Array.of(user),
    historyStart: Int32Array.of(0, size),
    historyItems: Int32Array.from(rest.slice(0, size)),
    historyAges: Float32Array.from(rest.slice(size, 2 * size)),
    historyLength: Int32Array.of(length),
  }
  const moment = { user, time, users }
  const items = Int32Array.from(rest.slice(2 * size))
  return { moment, items, ahead, row: rowOf(moment, items), flags: flagsOf(ahead) }
}

/** A copy that later changes of the moment leave as it is. */
export function copyMoment(moment: Moment): Moment {
  const { users } = moment
  const size = users.historyStart[1]!
  return {
    user: moment.user,
    time: moment.time,
    users: {
      count: 1,
      userRows: users.userRows.slice(0, 1),
      historyStart: Int32Array.of(0, size),
      historyItems: users.historyItems.slice(0, size),
      historyAges: users.historyAges.slice(0, size),
      historyLength: users.historyLength.slice(0, 1),
    },
  }
}
