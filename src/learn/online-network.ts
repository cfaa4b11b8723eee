// One learned network at work in the stream, as the learner drives it: the fused model and the paper's network each
// have an implementation of it.

import type { Random } from '../sample/random.ts'
import type { TrackedNetwork } from './network/tracked-network.ts'

export interface OnlineNetwork {
  readonly network: TrackedNetwork
  readonly counts: { steps: number; triplets: number; rejected: number; saturated: number }
  /** Makes rows for all ids known so far. */
  grow(users: number, items: number, restored?: boolean): void
  /** Rows of these ids start anew, as those of new ids do. */
  renew(of: 'users' | 'items', ids: Int32Array): void
  /**
   * Steps on the arriving event, the user's positive at `place`; each step is `weight` times a whole one. Returns the
   * mean loss, as of whole steps, or NaN without draws.
   */
  learnEvent(user: number, place: number, weight?: number): number
  /** Steps on earlier positives, `share` of the plan's number. Returns a loss where learnEvent has none, else NaN. */
  replay(share: number): number
  readonly random: Random
}
