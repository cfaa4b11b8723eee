// Items that are drawn once and used by several events. In a large catalogue the rows of items that were drawn by
// chance are never in the cache, and to fetch those of all draws of an event takes longer than to learn from them. Rows
// that the events before have read are there.
//
// The draws are uniform over all known items. Whoever takes some leaves out what the user in question has, so that each
// of them is uniform over the rest, as one would be that is drawn for that user alone. An event is measured among the
// draws of its set and learned against those of the set before: nothing that it is ranked among was a negative of the
// events just before it, which would flatter the ranking.

import type { Random } from './random.ts'

/** Events that share a set. */
const eventsPerSet = 8
/** Draws of a set: of the hundred that an event is measured among, most users have none. */
const drawsFirst = 128
/** What is drawn beyond, for users who have much, is kept up to here. */
const drawsMax = 512

export class SharedDraws {
  private readonly itemsMin: number
  private measured = new Int32Array(drawsMax)
  private learned = new Int32Array(drawsMax)
  private readonly counts = { measured: 0, learned: 0 }
  /** Of the set. */
  private events = 0
  /** Where the draws begin that are taken next. */
  private next = 0
  private isLent = false

  /** `itemsMin`: smaller catalogues share nothing. */
  constructor(itemsMin = Number.POSITIVE_INFINITY) {
    this.itemsMin = itemsMin
  }

  /** Whether events share draws in a catalogue of `items` items. */
  covers(items: number): boolean {
    return items >= this.itemsMin
  }

  /** An event comes that is to be measured or learned. */
  begin(random: Random, items: number): void {
    if (!this.covers(items)) return
    if (this.events === 0) {
      const { counts, measured, learned } = this
      this.measured = learned
      this.learned = measured
      counts.learned = counts.measured
      counts.measured = drawsFirst
      random.fill(items, this.measured, 0, drawsFirst)
    }
    this.events = (this.events + 1) % eventsPerSet
  }

  /** Draw `at` of the set that events are measured among, in order. */
  draw(at: number, random: Random, items: number): number {
    const { counts, measured } = this
    if (at < counts.measured) return measured[at]!
    const item = random.below(items)
    if (counts.measured < drawsMax) measured[counts.measured++] = item
    return item
  }

  /** What an event learns against is taken from here until end(). */
  lend(): void {
    this.isLent = true
  }

  end(): void {
    this.isLent = false
  }

  /** out[from … from+count-1] = draws of the set before, all different ones; false: none are lent, or too few. */
  take(out: Int32Array, from: number, count: number): boolean {
    const { learned, counts } = this
    if (!this.isLent || count > counts.learned) return false
    let at = this.next % counts.learned
    for (let k = from; k < from + count; k++) {
      out[k] = learned[at]!
      if (++at === counts.learned) at = 0
    }
    this.next = at
    return true
  }

  /** Whether there is something to save. */
  get isInUse(): boolean {
    return this.counts.measured > 0
  }

  save(): Float64Array {
    const { events, next, counts, measured, learned } = this
    const facts = [events, next, counts.measured, counts.learned]
    return Float64Array.from([...facts, ...measured, ...learned])
  }

  restore(saved: Float64Array): void {
    if (saved.length !== 4 + 2 * drawsMax) return
    const [events = 0, next = 0, measured = 0, learned = 0] = saved
    this.events = events
    this.next = next
    Object.assign(this.counts, { measured, learned })
    this.measured.set(saved.subarray(4, 4 + drawsMax))
    this.learned.set(saved.subarray(4 + drawsMax))
  }
}
