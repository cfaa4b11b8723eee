// Where the arrays that a call brings lie in a network's memory: behind everything that is laid out for good. There is
// room for the largest call so far, and all of it is laid out anew when the network has been.

import { aligned, forThreads, type NetworkMemory, reserve, setPerThread } from './memory-map.ts'
import { placePairMemory } from './pair-memory.ts'

/** Addresses in bytes, by the names of the kernel's globals. */
export interface CallAddresses {
  readonly userRows: number
  readonly historyStart: number
  readonly historyLength: number
  readonly historyItems: number
  readonly historyAges: number
  readonly positives: number
  readonly candidates: number
  readonly scores: number
  readonly direct: number
  readonly mirrored: number
  /** Where the kernel lists the items that the draws have changed. */
  readonly learnedItems: number
}

export interface CallMemory {
  /** Valid until the next place(). */
  readonly at: CallAddresses
  /** Where the bytes begin that a call keeps free for itself. */
  readonly own: number
  /**
   * Makes room for these numbers of users and draws of theirs, items of their histories, candidates, negatives of a
   * draw, and bytes of the call's own.
   */
  place(users: number, items: number, candidates: number, negatives: number, own: number): void
}

type Room = Record<'users' | 'items' | 'candidates' | 'negatives' | 'own', number>

export function createCallMemory(memory: NetworkMemory): CallMemory {
  const room = { users: 0, items: 0, candidates: 0, negatives: 0, own: 0 }
  let layoutVersion = -1
  let { at, own: ownAt } = layOutCall(memory, room)

  return {
    get at() {
      return at
    },
    get own() {
      return ownAt
    },
    place(users, items, candidates, negatives, own) {
      const fits =
        layoutVersion === memory.layoutVersion &&
        users <= room.users &&
        items <= room.items &&
        candidates <= room.candidates &&
        negatives <= room.negatives &&
        own <= room.own
      if (fits) return
      room.users = Math.max(room.users, users)
      room.items = Math.max(room.items, items)
      room.candidates = Math.max(room.candidates, candidates)
      room.negatives = Math.max(room.negatives, negatives)
      room.own = Math.max(room.own, own)
      layoutVersion = memory.layoutVersion
      ;({ at, own: ownAt } = layOutCall(memory, room))
    },
  }
}

/** Gives every array its address and tells them to the kernel. */
function layOutCall(memory: NetworkMemory, room: Readonly<Room>) {
  const { kernel, store } = memory
  let end = memory.end
  const take = (count: number): number => {
    const from = end
    end = aligned(end + 4 * count + 16)
    return from
  }
  const at: CallAddresses = {
    userRows: take(room.users),
    historyStart: take(room.users + 1),
    historyLength: take(room.users),
    historyItems: take(room.items),
    historyAges: take(room.items),
    positives: take(room.users),
    candidates: take(room.candidates),
    // Behind the scores three lanes for each four questions of a draw, and whole lanes of both.
    scores: take(room.candidates + 3 * room.negatives + 24),
    direct: take(room.negatives),
    mirrored: take(room.negatives),
    learnedItems: take(room.users * (room.negatives + 1)),
  }
  const chosen = forThreads(memory, () => ({
    chosenItems: take(room.negatives + 1),
    chosenGradients: take(room.negatives + 1),
    chosenAlphas: take(room.negatives + 1),
    chosenGammas: take(room.negatives + 1),
  }))
  const setPairs = store.layout.shape.joint
    ? placePairMemory(memory, take, room.negatives, room.users)
    : undefined
  const own = end
  reserve(memory, end + room.own)
  setPairs?.()
  setPerThread(memory, chosen)
  for (const name of Object.keys(at) as (keyof CallAddresses)[]) kernel.set(name, at[name])
  return { at, own }
}
