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
  let ring = new Int32Array(0)
  let first = 0
  let events = 0
  let givenUp = 0

  const capacity = (): number => ring.length / width

  function grow(): void {
    const larger = Math.min(eventsMax, Math.max(capacityMin, 2 * capacity()))
    ring = inOrder(larger)
    first = 0
  }

  /** The owed events, oldest first, at the start of a new array. */
  function inOrder(room: number): Int32Array<ArrayBuffer> {
    const whole = new Int32Array(room * width)
    const tail = Math.min(events, capacity() - first)
    whole.set(ring.subarray(first * width, (first + tail) * width))
    whole.set(ring.subarray(0, (events - tail) * width), tail * width)
    return whole
  }

  function dropOldest(): void {
    first = (first + 1) % capacity()
    events--
  }

  function put(user: number, item: number, code: number): void {
    if (eventsMax === 0) {
      givenUp++
      return
    }
    if (events === eventsMax) {
      dropOldest()
      givenUp++
    }
    if (events === capacity()) grow()
    const at = ((first + events) % capacity()) * width
    ring[at] = user
    ring[at + 1] = item
    ring[at + 2] = code
    events++
  }

  return {
    owe({ user, item, draws, replays }) {
      const code = Math.round(replays * shares) + (draws ? drawsFlag : 0)
      if (code > 0) put(user, item, code)
    },
    next() {
      if (events === 0) return undefined
      const at = first * width
      const code = ring[at + 2]!
      const owed = {
        user: ring[at]!,
        item: ring[at + 1]!,
        draws: code >= drawsFlag,
        replays: (code % drawsFlag) / shares,
      }
      dropOldest()
      // An hour of overload must not keep its memory for ever.
      if (events === 0) {
        ring = new Int32Array(0)
        first = 0
      }
      return owed
    },
    get events() {
      return events
    },
    get givenUp() {
      return givenUp
    },
    save() {
      return new Map<string, Tensor>([
        ['debt.events', { shape: [events, width], data: inOrder(events) }],
        ['debt.givenUp', { shape: [1], data: Float64Array.of(givenUp) }],
      ])
    },
    restore(tensors) {
      const rows = tensors.get('debt.events')?.data ?? []
      ring = new Int32Array(0)
      first = 0
      events = 0
      givenUp = tensors.get('debt.givenUp')?.data[0] ?? 0
      for (let at = 0; at + 2 < rows.length; at += width) {
        put(rows[at]!, rows[at + 1]!, rows[at + 2]!)
      }
    },
  }
}
