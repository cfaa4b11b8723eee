// Items that may not be listed any more leave the lists that went out: all users are looked through, some at a time,
// and whoever has such an item in the last list gets another one. Nobody else is ranked again.

import type { RankedList } from '../../messages.ts'
import type { ListableItems } from '../lists/recommender.ts'
import type { SentLists } from '../lists/sent-lists.ts'

export interface WithdrawalOptions {
  /** Absent: every item may be listed. */
  readonly feed: ListableItems | undefined
  readonly sent: Pick<SentLists, 'holdsAny' | 'users'>
  /** Whether the user has a list of this worker. */
  readonly hasList: (user: number) => boolean
  /** Whether a list may go out for the user without an event; who may not yet is asked for again later. */
  readonly isReady: (user: number) => boolean
  /** undefined: the list has not changed. */
  readonly rankAgain: (user: number) => RankedList | undefined
}

export interface Withdrawals {
  /** Lists of users who are concerned, until the round is over, but at least one if there is any. */
  rank(isOver: () => boolean): RankedList[]
  /** Whether users are still to be looked at. Looks at the clock. */
  readonly isPending: boolean
  /** Lists that were ranked again, since the start. */
  readonly ranked: number
}

/** Users who are looked at before it is asked whether the round is over: less than a millisecond. */
const looksMax = 20_000
/** Users who were not ready that are asked for again in one round. */
const askedAgainMax = 8

export function createWithdrawals(options: WithdrawalOptions): Withdrawals {
  const { feed, sent, hasList, isReady, rankAgain } = options
  const isUnlisted = feed?.availability.isUnlisted ?? (() => false)
  let cursor = 0
  /** Users from the cursor on, and around, who are still to be looked at. */
  let left = 0
  /** Withdrawals of items that users are being looked through for. */
  let begunFor = 0
  let ranked = 0
  const postponed = new Set<number>()

  const isConcerned = (user: number): boolean => hasList(user) && sent.holdsAny(user, isUnlisted)

  /** One way round finds those who were concerned at its beginning; whatever comes later needs another. */
  function begin(): void {
    if (feed === undefined) return
    feed.availability.advance(feed.nowMs())
    const { withdrawals } = feed.availability
    if (withdrawals !== begunFor) left = sent.users
    begunFor = withdrawals
  }

  function nextPostponed(): number | undefined {
    let asked = 0
    for (const user of postponed) {
      if (++asked > askedAgainMax) return undefined
      if (isConcerned(user) && !isReady(user)) continue
      postponed.delete(user)
      if (isConcerned(user)) return user
    }
    return undefined
  }

  /** The next user who is concerned and ready, among some thousands. */
  function next(): number | undefined {
    for (let looked = 0; looked < looksMax && left > 0; looked++) {
      left--
      const user = cursor < sent.users ? cursor : 0
      cursor = user + 1
      if (!isConcerned(user)) continue
      if (isReady(user)) return user
      postponed.add(user)
    }
    return nextPostponed()
  }

  return {
    rank(isOver) {
      begin()
      const lists: RankedList[] = []
      do {
        const user = next()
        if (user === undefined) continue
        ranked++
        const list = rankAgain(user)
        if (list !== undefined) lists.push({ ...list, restated: true })
      } while (left > 0 && !isOver())
      return lists
    },
    get isPending() {
      begin()
      return left > 0
    },
    get ranked() {
      return ranked
    },
  }
}
