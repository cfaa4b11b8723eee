// What is known of every user's list, what an assignment of streams changes in it, and how checkpoints hold it.

import type { AssignedStreams } from '../../messages.ts'
import type { Tensor } from '../../ports/checkpoint-store.ts'
import {
  ChangedRows,
  type LiveColumn,
  type LiveState,
  liveColumns,
  vectors,
} from '../../ports/live-state.ts'
import { createDueUsers, type DueUsers } from './due/due-users.ts'
import {
  dueRows,
  dueWidth,
  readDueRows,
  readSentRows,
  readWaitingRows,
  rowsOfUsers,
  rowWidth,
  sentRows,
  waitingRows,
} from './list-records.ts'
import type { ListableItems } from './recommender.ts'
import { createSentLists, ReflectedByUser, type SentLists } from './sent-lists.ts'
import { createUnaskedUsers, type UnaskedUsers } from './unasked-users.ts'

export interface ListOptions {
  readonly k: number
  /** Which lists are ranked again without an event that asks for it: see unasked-users.ts. */
  readonly staleAfterEvents: number
  readonly staleActiveMs: number
  /** A few users are looked at for a stale list in each round: where no time is idle. Else all while nothing waits. */
  readonly staleInRounds: boolean
  /** The minimum time between two lists of a user, in ms, so that a burst of events gives one list. 0: no pause. */
  readonly pauseMs: number
  /** The newest event first where more users are due than can be ranked; else in order of arrival. */
  readonly newestFirst: boolean
  /** Versions of this run lie above those of every earlier run. undefined: no list goes out before assign(). */
  readonly versionBase: number | undefined
  /** Whether the user is as the store has them; a list for no event goes out only then. Absent: always. */
  readonly isRead?: (user: number) => boolean
  /** The lists that a checkpoint knows are the newest that went out: true where no crash can lie between. */
  readonly trustsHashes: boolean
  /** Who is owed a list for what was history is kept outside: see after-history.ts. */
  readonly keepsOwed?: boolean
  /** Since which event the item's id stands for it; 0: since it was first given. */
  readonly itemBegunAt?: (item: number) => number
  /** Absent: every item may be listed. */
  readonly feed?: ListableItems | undefined
}

export interface ListStateOptions extends ListOptions {
  readonly hasPositives: (user: number) => boolean
}

/** What is known of every user's list. */
export interface ListState {
  readonly dueUsers: DueUsers
  readonly unaskedUsers: UnaskedUsers
  readonly sent: SentLists
  /** What the last list of each user reflects. */
  readonly reflected: ReflectedByUser
  /** Users of whom `sent`, `reflected` or `dueUsers` says something else than the newest checkpoint. */
  readonly changed: ChangedRows
  versionBase: number | undefined
  /** No other worker has streams of the input. */
  isAlone: boolean
  /** undefined: no assignment has come. */
  streams: ReadonlySet<string> | undefined
  /** The newest event time of the stream: «now» for users who have been away. */
  streamTime: number
  ranked: number
  unchanged: number
}

export function createListState(options: ListStateOptions): ListState {
  const { versionBase, isRead = () => true } = options
  const changed = new ChangedRows(2)
  const sent = createSentLists(changed, options.feed === undefined ? 0 : options.k)
  const reflected = new ReflectedByUser()
  const dueUsers = createDueUsers({ ...options, changed, sentAt: sent.sentAt })
  const isAlone = versionBase !== undefined
  const counts = { streamTime: 0, ranked: 0, unchanged: 0 }
  const unaskedUsers = createUnaskedUsers({
    ...options,
    isRead,
    now: () => state.streamTime,
    rankedAt: sent.rankedAt,
    listedAt: (user) => reflected.timeOf(user),
    waits: (user) => dueUsers.get(user) !== undefined,
  })
  const known = { dueUsers, unaskedUsers, sent, reflected, changed }
  const state: ListState = { ...known, versionBase, isAlone, streams: undefined, ...counts }
  return state
}

/** From now on only users of the assigned streams get lists. */
export function assign(state: ListState, assignment: AssignedStreams): void {
  const { streams, gained, versionBase, alone = false, dropsDue = false } = assignment
  const kept = new Set(streams.filter((stream) => !gained.includes(stream)))
  state.versionBase = versionBase
  state.isAlone = alone
  state.streams = new Set(streams)
  // Lists may have been lost or overwritten by another worker: the next event of each user brings a new one.
  state.sent.forgetAll()
  state.dueUsers.keep(dropsDue ? new Set() : kept)
  state.reflected.keep(kept)
}

export function saveListState(state: ListState, streams: string[]): Map<string, Tensor> {
  const users = sentRows(state.reflected, state.sent, streams)
  const { sent } = state
  const shape = [sent.users, sent.width]
  const data = sent.items(0, sent.users).slice()
  const listed: [string, Tensor][] = sent.width === 0 ? [] : [['lists.items', { shape, data }]]
  const waiting: [string, Tensor] = ['lists.waiting', waitingRows(state.dueUsers, streams)]
  return new Map([['lists.users', users], ...listed, waiting, ...factsOf(state)])
}

/** The same for a checkpoint that is taken while lists are made. */
export function liveListState(state: ListState, streams: string[]): LiveState {
  const { changed, dueUsers, reflected, sent } = state
  const read = (from: number, to: number) => rowsOfUsers(from, to, { reflected, sent, streams })
  const readDue = (from: number, to: number) => dueRows(from, to, dueUsers, streams)
  const columns = () => {
    const { width } = sent
    const columns = new Map<string, LiveColumn>([
      ['lists.users', { rowShape: [rowWidth], read }],
      ['lists.due', { rowShape: [dueWidth], read: readDue }],
    ])
    if (width > 0) columns.set('lists.items', { rowShape: [width], read: sent.items })
    return columns
  }
  const rows = () => Math.max(sent.users, dueUsers.arrivals.users)
  return { live: [liveColumns(changed, rows, columns)], rest: () => factsOf(state) }
}

function factsOf({ unaskedUsers, ranked, unchanged, streamTime }: ListState): Map<string, Tensor> {
  const facts = Float64Array.of(unaskedUsers.cursor, ranked, unchanged, streamTime)
  return vectors('lists', { facts })
}

export function restoreListState(
  state: ListState,
  tensors: ReadonlyMap<string, Tensor>,
  streams: readonly string[],
  trustsHashes: boolean,
): void {
  const facts = tensors.get('lists.facts')?.data ?? []
  const [cursor = 0, ranked = 0, unchanged = 0, streamTime = 0] = facts
  state.unaskedUsers.cursor = cursor
  Object.assign(state, { ranked, unchanged, streamTime })
  for (const row of readSentRows(tensors.get('lists.users'), streams)) {
    state.sent.ranked(row.user, trustsHashes ? row.hash : 0, row.rankedAt)
    state.reflected.set(row.user, row.reflected)
  }
  const listed = tensors.get('lists.items')
  // Lists of another length are as unknown as those of a worker that did not look.
  if (listed !== undefined && listed.shape[1] === state.sent.width) {
    state.sent.restoreItems(listed.data as Int32Array, listed.shape[0]!)
  }
  const { dueUsers } = state
  for (const row of readWaitingRows(tensors.get('lists.waiting'), streams)) dueUsers.put(...row)
  for (const row of readDueRows(tensors.get('lists.due'), streams)) dueUsers.put(...row)
}
