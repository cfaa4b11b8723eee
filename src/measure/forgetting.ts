// Does the model forget? For a bounded number of users one early event is withheld from learning and ranked again and
// again, with the history that the user had then, among the same 100 items. Only the parameters differ from one ranking
// to the next. The measure compares the rankings at 30 % of the stream with those of now, over the users who were
// probed by then, and leaves out items that the user has taken since.

import type { Moment, ScoreItems } from '../learn/part.ts'
import type { Tensor } from '../ports/checkpoint-store.ts'
import type { Positives } from '../remember/positives.ts'
import type { Random } from '../sample/random.ts'
import {
  copyMoment,
  createProbe,
  measured,
  type Probe,
  probesToSave,
  sampledNegatives,
  savedProbes,
} from './probes.ts'

const listLength = 10
const drawsMax = 5_000
const earlyShare = 0.3
/** Measured when the number of events has grown by a quarter since the last time. */
const growth = 1.25

/** Called after each probe that is ranked: hundreds of them take as long as hundreds of events. */
type Between = () => void

export interface Forgetting {
  /** Whether this event of the user (with `earlier` positives) should be withheld. */
  wants(user: number, item: number, earlier: number): boolean
  /** Takes a copy of the moment. Returns false when there are too few items to rank it among. */
  probe(moment: Moment, item: number): boolean
  /** Gives up the probe of a user who must be forgotten; if they come back, they start anew. */
  forget(user: number): void
  /** Gives up the probes that an item with a 1 takes part in, and returns their users. */
  dropItems(gone: Uint8Array): number[]
  /**
   * To be called with the number of events so far; measures when a measurement is due. `mayWait`: there is more urgent
   * work, so that it need not be before the next would be due.
   */
  measure(events: number, score: ScoreItems, between?: Between, mayWait?: boolean): void
  /** HR@10 at 30 % of `events` and now, over the probes that were there at 30 %. Measures now. */
  report(
    events: number,
    score: ScoreItems,
    between?: Between,
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
  const measuredAt: number[] = []
  const scores = new Float32Array(1 + sampledNegatives)
  let due = 1_000

  /** The withheld item and those it is ranked among; undefined where there are too few. */
  function drawItems(user: number, item: number): Int32Array | undefined {
    const drawn = new Set([item])
    for (let tries = 0; tries < drawsMax && drawn.size <= sampledNegatives; tries++) {
      const j = random.below(positives.items)
      if (!drawn.has(j) && !positives.has(user, j)) drawn.add(j)
    }
    return drawn.size > sampledNegatives ? Int32Array.from(drawn) : undefined
  }

  function rankAll(score: ScoreItems, between?: Between): Uint8Array[] {
    return probes.map((probe) => {
      score(probe.moment, probe.items, scores)
      const ahead = new Uint8Array(sampledNegatives)
      for (let x = 1; x <= sampledNegatives; x++) ahead[x - 1] = scores[x]! >= scores[0]! ? 1 : 0
      between?.()
      return ahead
    })
  }

  function hit(probe: Probe, ahead: Uint8Array): number {
    let rank = 0
    for (let x = 0; x < sampledNegatives; x++) {
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
      const items = drawItems(moment.user, item)
      if (items === undefined) return false
      probed.add(moment.user)
      probes.push(createProbe(copyMoment(moment), items))
      return true
    },
    forget(user) {
      const at = probes.findIndex((probe) => probe.moment.user === user)
      if (at >= 0) probes.splice(at, 1)
      probed.delete(user)
    },
    dropItems(gone) {
      const isGone = (item: number) => gone[item] === 1
      const given = probes.filter(
        ({ moment, items }) => items.some(isGone) || moment.users.historyItems.some(isGone),
      )
      return given.map((probe) => {
        probes.splice(probes.indexOf(probe), 1)
        probed.delete(probe.moment.user)
        return probe.moment.user
      })
    },
    measure(events, score, between, mayWait = false) {
      if (events < (mayWait ? growth * due : due) || probes.length === 0) return
      due = Math.ceil(events * growth)
      measuredAt.push(events)
      for (const [k, ahead] of rankAll(score, between).entries())
        measured(probes[k]!, events, ahead)
    },
    report(events, score, between) {
      const early = nearest(measuredAt, earlyShare * events)
      const cohort = probes.filter((probe) => early !== undefined && probe.ahead.has(early))
      if (early === undefined || cohort.length === 0) return { before: 0, after: 0, users: 0 }
      const now = rankAll(score, between)
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
    save: () =>
      new Map([
        ...probesToSave(probes),
        ['probes', { shape: [1 + measuredAt.length], data: Float64Array.of(due, ...measuredAt) }],
      ]),
    restore(tensors) {
      ;[due = 1_000] = tensors.get('probes')?.data ?? []
      for (const events of tensors.get('probes')?.data.subarray(1) ?? []) measuredAt.push(events)
      for (const probe of savedProbes(tensors)) {
        probes.push(probe)
        probed.add(probe.moment.user)
      }
    },
  }
}

function nearest(points: readonly number[], wanted: number): number | undefined {
  let best: number | undefined
  for (const point of points) {
    if (best === undefined || Math.abs(point - wanted) < Math.abs(best - wanted)) best = point
  }
  return best
}
