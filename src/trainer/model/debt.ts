// Work that overload has shed and that is still owed: which events, and how much of the work on each. It is paid,
// oldest first, when there is time to spare. The oldest are given up where more is owed than the bound allows.

import type { Tensor } from '../../ports/checkpoint-store.ts'

/** What is left to do for one event. */
export interface Owed {
  readonly user: number
  readonly item: number
  /** Its own draws have not been learned. */
  readonly draws: boolean
  /** Share of its replays that were left out, in [0, 1]. */
  readonly replays: number
}

export interface Debt {
  /** Remembers an event that got less than the full work. The oldest makes room where the bound is reached. */
  owe(owed: Owed): void
  /** Takes the oldest owed event out; undefined where nothing is owed. */
  next(): Owed | undefined
  readonly events: number
  /** Events given up because more was owed than `eventsMax`, since the first start. */
  readonly givenUp: number
  save(): Map<string, Tensor>
  restore(tensors: ReadonlyMap<string, Tensor>): void
}

/** Numbers of one event: user, item, and shares in 1/250: the replays, plus `drawsFlag` where draws are owed. */
const width = 3
const shares = 250
const drawsFlag = 256
const capacityMin = 1024

/** At most `eventsMax` events are remembered; 12 bytes for each, taken as they are needed. */
export function createDebt(eventsMax: number): Debt {
  const ring = new Ring(eventsMax)
  return {
    owe({ user, item, draws, replays }) {
      const code = Math.round(replays * shares) + (draws ? drawsFlag : 0)
      if (code > 0) ring.put(user, item, code)
    },
    next() {
      const oldest = ring.take()
      if (oldest === undefined) return undefined
      const [user, item, code] = oldest
      return { user, item, draws: code >= drawsFlag, replays: (code % drawsFlag) / shares }
    },
    get events() {
      return ring.events
    },
    get givenUp() {
      return ring.givenUp
    },
    save: () =>
      new Map<string, Tensor>([
        ['debt.events', { shape: [ring.events, width], data: ring.inOrder(ring.events) }],
        ['debt.givenUp', { shape: [1], data: Float64Array.of(ring.givenUp) }],
      ]),
    restore(tensors) {
      const rows = tensors.get('debt.events')?.data ?? []
      ring.empty()
      ring.givenUp = tensors.get('debt.givenUp')?.data[0] ?? 0
      for (let at = 0; at + 2 < rows.length; at += width) {
        ring.put(rows[at]!, rows[at + 1]!, rows[at + 2]!)
      }
    },
  }
}

/** The owed events in the order in which they came; where more come than it may hold, the oldest are given up. */
class Ring {
  events = 0
  givenUp = 0
  readonly #eventsMax: number
  #rows = new Int32Array(0)
  #first = 0

  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax
  }

  put(user: number, item: number, code: number): void {
    if (this.events === this.#eventsMax) {
      this.givenUp++
      if (this.#eventsMax === 0) return
      this.#dropOldest()
    }
    if (this.events === this.#capacity) this.#grow()
    const at = ((this.#first + this.events) % this.#capacity) * width
    this.#rows[at] = user
    this.#rows[at + 1] = item
    this.#rows[at + 2] = code
    this.events++
  }

  /** Takes the oldest out: user, item and code. */
  take(): [number, number, number] | undefined {
    if (this.events === 0) return undefined
    const at = this.#first * width
    const [user = 0, item = 0, code = 0] = this.#rows.subarray(at, at + width)
    this.#dropOldest()
    // An hour of overload must not keep its memory for ever.
    if (this.events === 0) this.empty()
    return [user, item, code]
  }

  /** The owed events, oldest first, at the start of a new array. */
  inOrder(room: number): Int32Array<ArrayBuffer> {
    const whole = new Int32Array(room * width)
    const tail = Math.min(this.events, this.#capacity - this.#first)
    whole.set(this.#rows.subarray(this.#first * width, (this.#first + tail) * width))
    whole.set(this.#rows.subarray(0, (this.events - tail) * width), tail * width)
    return whole
  }

  empty(): void {
    this.#rows = new Int32Array(0)
    this.#first = 0
    this.events = 0
  }

  get #capacity(): number {
    return this.#rows.length / width
  }

  #grow(): void {
    this.#rows = this.inOrder(Math.min(this.#eventsMax, Math.max(capacityMin, 2 * this.#capacity)))
    this.#first = 0
  }

  #dropOldest(): void {
    this.#first = (this.#first + 1) % this.#capacity
    this.events--
  }
}
