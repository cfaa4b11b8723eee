// Work that overload has shed and that is still owed: which events, and how much of the work on each. It is paid,
// oldest first, when there is time to spare. The oldest are given up where more is owed than the bound allows.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import { ChangedRows, type LiveState, liveState } from '../../ports/live-state.ts'

/** What is left to do for one event. */
export interface Owed {
  readonly user: number
  readonly item: number
  /** Its own draws have not been learned. */
  readonly draws: boolean
  /** Share of its replays that were left out, in [0, 1]. */
  readonly replays: number
  /** Of its own draws, in (0, 1]. Absent: 1. */
  readonly weight?: number
}

export interface Debt {
  /** Remembers an event that got less than the full work. The oldest makes room where the bound is reached. */
  owe(owed: Owed): void
  /** Takes the oldest owed event out; undefined where nothing is owed. */
  next(): Owed | undefined
  readonly events: number
  /** Events given up because more was owed than `eventsMax`, since the first start. */
  readonly givenUp: number
  /** What a checkpoint holds of it. */
  state(): LiveState
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

/**
 * Numbers of one event: user, item, and shares in 1/250: the replays, plus `drawsFlag` where draws are owed, and above
 * that by how many thousandths they weigh less than 1.
 */
const width = 3
const shares = 250
const drawsFlag = 256
const weightFrom = 2 * drawsFlag
const thousandths = 1_000
const capacityMin = 1024
/** Changes are noted for 2^7 events together: 1.5 KB. */
const changedShift = 7

/** At most `eventsMax` events are remembered; 12 to 24 bytes for each, taken as they are needed. */
export function createDebt(eventsMax: number): Debt {
  const line = new Line(eventsMax)
  return {
    owe({ user, item, draws, replays, weight = 1 }) {
      const lighter = draws ? Math.round((1 - weight) * thousandths) : 0
      const code = Math.round(replays * shares) + (draws ? drawsFlag : 0) + weightFrom * lighter
      if (code > 0) line.put(user, item, code)
    },
    next() {
      const oldest = line.take()
      if (oldest === undefined) return undefined
      const [user, item, code] = oldest
      const weight = 1 - Math.floor(code / weightFrom) / thousandths
      const draws = code % weightFrom >= drawsFlag
      const owed = { user, item, draws, replays: (code % drawsFlag) / shares }
      return weight < 1 ? { ...owed, weight } : owed
    },
    get events() {
      return line.events
    },
    get givenUp() {
      return line.givenUp
    },
    state: () =>
      liveState(
        line.changed,
        () => line.end,
        () => [['debt.events', { shape: [line.end, width], data: line.rows }]],
        () => new Map([['debt.givenUp', { shape: [1], data: Float64Array.of(line.givenUp) }]]),
      ),
    restore(tensors) {
      const rows = tensors.get('debt.events')?.data ?? []
      line.empty()
      line.givenUp = tensors.get('debt.givenUp')?.data[0] ?? 0
      for (let at = 0; at + 2 < rows.length; at += width) {
        const code = rows[at + 2]!
        if (code > 0) line.put(rows[at]!, rows[at + 1]!, code)
      }
    },
  }
}

/**
 * The owed events in the order in which they came; where more come than it may hold, the oldest are given up. Each
 * keeps its row until most rows are free, so that a checkpoint need only write what was added or taken since the one
 * before. A free row has the code 0.
 */
class Line {
  givenUp = 0
  readonly changed = new ChangedRows(changedShift)
  rows = new Int32Array(0)
  /** The row after the newest. */
  end = 0
  readonly #eventsMax: number
  #first = 0

  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax
  }

  get events(): number {
    return this.end - this.#first
  }

  put(user: number, item: number, code: number): void {
    if (this.events === this.#eventsMax) {
      this.givenUp++
      if (this.#eventsMax === 0) return
      this.#free()
    }
    if (this.end * width === this.rows.length) this.#makeRoom()
    this.rows.set([user, item, code], this.end * width)
    this.changed.mark(this.end)
    this.end++
  }

  /** Takes the oldest out: user, item and code. */
  take(): [number, number, number] | undefined {
    if (this.events === 0) return undefined
    const at = this.#first * width
    const [user = 0, item = 0, code = 0] = this.rows.subarray(at, at + width)
    this.#free()
    // An hour of overload must not keep its memory for ever.
    if (this.events === 0) this.empty()
    return [user, item, code]
  }

  empty(): void {
    this.rows = new Int32Array(0)
    this.changed.markAll()
    this.#first = 0
    this.end = 0
  }

  /** The row of the oldest. */
  #free(): void {
    this.rows[this.#first * width + 2] = 0
    this.changed.mark(this.#first)
    this.#first++
  }

  /** By moving all to the beginning where at least half is free, else in a larger array. */
  #makeRoom(): void {
    const kept = this.rows.subarray(this.#first * width, this.end * width)
    if (this.#first < this.events || this.rows.length === 0) {
      const most = Math.max(capacityMin, 2 * this.events)
      this.rows = new Int32Array(Math.min(2 * this.#eventsMax, most) * width)
    }
    this.rows.set(kept)
    this.end -= this.#first
    this.#first = 0
    this.changed.markAll()
  }
}
