// The states of items by name, no more than there is room for. To make room, what is known without its state goes
// first: an item that is out for good and has an id; then, for an item that may not be listed now, one that may.

import { isListed, isOutForGood, type Kept, type Unnamed } from './item-state.ts'

export interface KeptOptions {
  readonly unnamed: Unnamed
  readonly statesMax: number
  /** Whether the model knows the item. */
  readonly hasId: (name: string) => boolean
  /** A state was forgotten that said something. */
  readonly onLost: () => void
}

export interface KeptStates extends Pick<Map<string, Kept>, 'get' | 'has' | 'delete' | 'entries'> {
  readonly size: number
  /** Of a name that has no state; false: there is no room. */
  put(name: string, state: Kept, nowMs: number): boolean
}

/** States that are looked at to make room for one, each time the next ones. */
const looksMax = 64

export function createKeptStates(options: KeptOptions): KeptStates {
  const { unnamed, statesMax, hasId, onLost } = options
  const states = new Map<string, Kept>()
  let looking = states.entries()

  function makeRoom(forOneThatIsOut: boolean, nowMs: number): void {
    let listed: string | undefined
    for (let looks = Math.min(looksMax, states.size); looks > 0; looks--) {
      let next = looking.next()
      if (next.done) {
        looking = states.entries()
        next = looking.next()
        if (next.done) return
      }
      const [name, state] = next.value
      if (isOutForGood(state, unnamed, nowMs) && hasId(name)) {
        states.delete(name)
        return
      }
      if (isListed(state, unnamed, nowMs)) listed ??= name
    }
    if (listed === undefined || !forOneThatIsOut || unnamed === 'unlisted') return
    states.delete(listed)
    onLost()
  }

  return {
    get: (name) => states.get(name),
    has: (name) => states.has(name),
    delete: (name) => states.delete(name),
    entries: () => states.entries(),
    get size() {
      return states.size
    },
    put(name, state, nowMs) {
      if (states.size >= statesMax) makeRoom(!isListed(state, unnamed, nowMs), nowMs)
      if (states.size >= statesMax) return false
      states.set(name, state)
      return true
    },
  }
}
