// Does the model forget? For a bounded number of users one early event is withheld from learning and ranked
// again and again, with the history it had, among the same 100 items. What changes is the parameters alone.
// The measure compares the first 30 % of the stream with now, over the users probed by then, and leaves out
// items that the user has taken since.

import type { ScoreItems } from '../learn/part.ts'
import type { Tensor } from '../ports/checkpoint-store.ts'
import type { UserBatch } from '../ports/engine.ts'
import type { Positives } from '../remember/positives.ts'
import type { Random } from '../sample/random.ts'

const opponents = 100
const listLength = 10
const drawsMax = 5_000
const earlyShare = 0.3
/** Measured when the number of events has grown by a quarter since the last time. */
const growth = 1.25

export interface ProbeMoment {
  readonly user: number
  readonly time: number
  readonly users: UserBatch
}

interface Probe {
  readonly moment: ProbeMoment
  /** The withheld item, then those it is ranked among. */
  readonly items: Int32Array
  /** For each measuring, which opponents were ahead: bit x-1 of items[x], and whether it was measured. */
  readonly ahead: Map<number, Uint8Array>
}

export interface Forgetting {
  /** Whether this event of the user (with `earlier` positives) should be withheld. */
  wants(user: number, item: number, earlier: number): boolean
  /** Takes a copy of the moment. Returns false when there are too few items to rank among. */
  probe(moment: ProbeMoment, item: number): boolean
  /** Gives up the probe of a user who must be forgotten; should they come back, they start anew. */
  forget(user: number): void
  /** To be called with the number of events so far; measures when it is due. */
  measure(events: number, scorer: (moment: ProbeMoment) => ScoreItems): void
  /** HR@10 at 30 % of `events` and now, over the probes that stood at 30 %. Measures now. */
  report(
    events: number,
    scorer: (moment: ProbeMoment) => ScoreItems,
  ): { before: number; after: number; users: number }
  save(): Map<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

export function createForgetting(
  positives: Positives,
  random: Random,
  probesMax: number,
): Forgetting {
  const probes: Probe[] = []
  const probed = new Set<number>()
  const measured: number[] = []
  const scores = new Float32Array(1 + opponents)
  let due = 1_000

  function rankAll(scorer: (moment: ProbeMoment) => ScoreItems): Uint8Array[] {
    return probes.map((probe) => {
      scorer(probe.moment)(probe.items, scores)
      const ahead = new Uint8Array(opponents)
      for (let x = 1; x <= opponents; x++) ahead[x - 1] = scores[x]! >= scores[0]! ? 1 : 0
      return ahead
    })
  }

  function hit(probe: Probe, ahead: Uint8Array): number {
    let rank = 0
    for (let x = 0; x < opponents; x++) {
      if (ahead[x] === 1 && !positives.has(probe.moment.user, probe.items[x + 1]!)) rank++
    }
    return rank < listLength ? 1 : 0
  }

  return {
    wants(user, item, earlier) {
      if (probes.length >= probesMax || probed.has(user)) return false
      // A fixed place among the user's first ten, different for each user.
      return (
        earlier === 3 + ((Math.imul(user + 1, 0x9e37_79b1) >>> 16) % 7) && item < positives.items
      )
    },
    probe(moment, item) {
      const items = new Int32Array(1 + opponents)
      const taken = new Set([item])
      for (let tries = 0; tries < drawsMax && taken.size <= opponents; tries++) {
        const j = random.below(positives.items)
        if (!taken.has(j) && !positives.has(moment.user, j)) taken.add(j)
      }
      if (taken.size <= opponents) return false
      items.set([...taken])
      probed.add(moment.user)
      probes.push({ moment: keepMoment(moment), items, ahead: new Map() })
      return true
    },
    forget(user) {
      const at = probes.findIndex((probe) => probe.moment.user === user)
      if (at >= 0) probes.splice(at, 1)
      probed.delete(user)
    },
    measure(events, scorer) {
      if (events < due || probes.length === 0) return
      due = Math.ceil(events * growth)
      measured.push(events)
      const ahead = rankAll(scorer)
      for (let k = 0; k < probes.length; k++) probes[k]!.ahead.set(events, ahead[k]!)
    },
    report(events, scorer) {
      const early = nearest(measured, earlyShare * events)
      const cohort = probes.filter((probe) => early !== undefined && probe.ahead.has(early))
      if (early === undefined || cohort.length === 0) return { before: 0, after: 0, users: 0 }
      const now = rankAll(scorer)
      let before = 0
      let after = 0
      probes.forEach((probe, k) => {
        const ahead = probe.ahead.get(early)
        if (ahead === undefined) return
        before += hit(probe, ahead)
        after += hit(probe, now[k]!)
      })
      return { before: before / cohort.length, after: after / cohort.length, users: cohort.length }
    },
    save() {
      const tensors = new Map<string, Tensor>()
      probes.forEach(({ moment, items, ahead }, k) => {
        const { historyItems, historyAges, historyLength } = moment.users
        const facts = [moment.user, moment.time, historyLength[0]!, ...historyItems, ...historyAges]
        const flat = [...ahead].flatMap(([events, bits]) => [events, ...bits])
        tensors.set(`probe.${k}`, vector([historyItems.length, ...facts, ...items]))
        tensors.set(`probe.${k}.ahead`, vector(flat))
      })
      tensors.set('probes', vector([due, ...measured]))
      return tensors
    },
    restore(tensors) {
      ;[due = 1_000] = tensors.get('probes')?.data ?? []
      for (const events of tensors.get('probes')?.data.subarray(1) ?? []) measured.push(events)
      for (let k = 0; tensors.has(`probe.${k}`); k++) {
        const flat = tensors.get(`probe.${k}.ahead`)?.data ?? new Float64Array(0)
        const ahead = new Map<number, Uint8Array>()
        for (let at = 0; at + opponents < flat.length; at += 1 + opponents) {
          ahead.set(flat[at]!, Uint8Array.from(flat.subarray(at + 1, at + 1 + opponents)))
        }
        const probe = probeOf(tensors.get(`probe.${k}`)!.data, ahead)
        probes.push(probe)
        probed.add(probe.moment.user)
      }
    },
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
  return { moment: { user, time, users }, items: Int32Array.from(rest.slice(2 * size)), ahead }
}

function nearest(points: readonly number[], wanted: number): number | undefined {
  let best: number | undefined
  for (const point of points) {
    if (best === undefined || Math.abs(point - wanted) < Math.abs(best - wanted)) best = point
  }
  return best
}

/** A copy that stays as it is. */
export function keepMoment(moment: ProbeMoment): ProbeMoment {
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
