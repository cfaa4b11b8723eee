// Makes the lists of users: those who are due, those whose list holds what may not be listed any more, those who have
// none, those whose list is stale. What says the same as the user's last list is not given out.

import type { RankedList } from '../../messages.ts'
import type { Pause } from '../../rank/preference.ts'
import type { Learner } from '../model/learner.ts'
import { createWithdrawals } from '../withdraw/withdrawals.ts'
import type { Reflected } from './due/due.ts'
import type { ListOptions, ListState } from './list-state.ts'
import { createRecommender } from './recommender.ts'

/** Of a list that follows from no event of the input. */
const nowhere = { stream: '', offset: -1 }

/** Users who are looked at for a stale list: in one round, and in one rest while nothing else is to be done. */
const stalePerRound = 2
const stalePerRest = 2_048

export function createListRanking(learner: Learner, options: ListOptions, state: ListState) {
  const { k, itemBegunAt = () => 0, feed } = options
  const recommender = createRecommender(learner, feed)
  const { dueUsers, reflected, sent, unaskedUsers } = state
  let isTheirTurn = false
  /** Of the lists of this round. */
  let pause: Pause | undefined
  const version = (): number => (state.versionBase ?? 0) + learner.counts.events

  /** No list may go out yet: for want of a version, or of what the item feed says. */
  const mustWait = (): boolean =>
    state.versionBase === undefined || feed?.availability.isComplete === false

  /** All that was read of the user is in a list, also where it is made for another reason. */
  const newestOf = (user: number): Reflected | undefined =>
    dueUsers.get(user) ?? reflected.get(user)

  function rank(user: number, k: number, at?: number, newest = newestOf(user), amid?: Pause) {
    return {
      user,
      ...recommender.toUser(user, k, at ?? newest?.time ?? 0, amid),
      modelVersion: version(),
      newestEvent: newest?.time ?? 0,
      position: newest?.position ?? nowhere,
    }
  }

  /** Ranks for publishing: undefined when the list says the same as the last one. */
  function refresh(user: number, about: Reflected, at: number): RankedList | undefined {
    reflected.set(user, about)
    const list = rank(user, k, at, about, pause)
    state.ranked++
    const hash = hashOf(list, itemBegunAt)
    const isUnchanged = hash === sent.hash(user)
    sent.ranked(user, hash, learner.counts.events, list.items)
    if (!isUnchanged) return list
    state.unchanged++
    return undefined
  }

  function rankDue(nowMs: number, isOver: () => boolean): RankedList[] {
    const lists: RankedList[] = []
    for (const [user, due] of dueUsers.take(nowMs, isOver)) {
      if (Number.isFinite(nowMs)) sent.sent(user, nowMs)
      const list = refresh(user, due, due.time)
      if (list !== undefined) lists.push(list)
    }
    return lists
  }

  const withdrawals = createWithdrawals({
    ...{ feed, sent, isReady: options.isRead ?? (() => true) },
    hasList: (user) => reflected.has(user),
    rankAgain: (user) => refresh(user, newestOf(user)!, state.streamTime),
  })

  function rankStale(max: number): RankedList[] {
    const users = unaskedUsers.stale(max, learner.positives.users, learner.counts.events)
    return users.flatMap((user) => {
      const list = refresh(user, reflected.get(user)!, state.streamTime)
      return list === undefined ? [] : { ...list, restated: true as const }
    })
  }

  function staleUntil(isOver: () => boolean): RankedList[] {
    const lists: RankedList[] = []
    if (mustWait() || options.staleInRounds) return lists
    const most = Math.min(stalePerRest, learner.positives.users)
    for (let looked = 0; looked < most && !isOver(); looked++) lists.push(...rankStale(1))
    return lists
  }

  function* unlisted(isOver: () => boolean): Generator<RankedList> {
    if (mustWait() || !state.isAlone) return
    const { runs } = learner.positives
    while (!isOver()) {
      const user = unaskedUsers.nextUnlisted()
      if (user === undefined) return
      const time = runs.newestTime(user)
      const list = refresh(user, { time, position: nowhere }, Math.max(time, state.streamTime))
      if (list !== undefined) yield { ...list, restated: true }
    }
  }

  return {
    version,
    mustWait,
    rank: (user: number, k: number, at?: number) => rank(user, k, at),
    withdrawals,
    rankUnasked(isOver: () => boolean, amid?: Pause): RankedList[] {
      pause = amid
      return [...unlisted(isOver), ...staleUntil(isOver)]
    },
    rankRound(nowMs: number, isOver = () => false, amid?: Pause): RankedList[] {
      pause = amid
      if (mustWait()) return []
      isTheirTurn = withdrawals.isPending && !isTheirTurn
      const first = isTheirTurn ? withdrawals.rank(isOver) : []
      const due = [...first, ...rankDue(nowMs, isOver)]
      if (isOver()) return due
      const stale = options.staleInRounds ? rankStale(stalePerRound) : []
      return [...due, ...withdrawals.rank(isOver), ...stale]
    },
  }
}

/** Which items in which order; never 0, which means «no list yet». */
function hashOf(list: RankedList, begunAt: (item: number) => number): number {
  let h = list.source === 'PERSONAL' ? 0x811c_9dc5 : 0x1000_01b3
  for (const item of list.items) {
    h = Math.imul(h ^ item, 0x0100_0193) ^ (h >>> 15)
    const begun = begunAt(item)
    if (begun !== 0) h = Math.imul(h ^ begun, 0x0100_0193) ^ (h >>> 15)
  }
  return h === 0 ? 1 : h | 0
}
