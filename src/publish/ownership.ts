// The one answer to «may this go out?». Three things have a say: the group, which gives streams to workers and takes
// them away; the claim on the store, which makes the lists of this worker newer than those of others; and the gate. A
// group cannot tell a member in time that its streams went to others, so this worker falls silent before, by its own
// clock.

import type { Assignment, GroupWatcher } from '../ports/event-source.ts'

export interface OwnershipOptions {
  /** The group gives a member up this long after the newest request that it heard. Absent: nobody else reads. */
  readonly sessionMs?: number | undefined
  /** Monotonic ms. */
  readonly now: () => number
}

export interface Ownership extends GroupWatcher {
  /**
   * Whether a list of this version that follows from the stream (undefined: from any) may go out. False: others write
   * it now, or it will be made anew. undefined: not to be known before changed() resolves, so nothing must go out, and
   * a write under way must not last.
   */
  mayPublish(version: number, stream: string | undefined): boolean | undefined
  /** Whether all that follows from the input is written once the lists up to this version are: not while paused. */
  mayCommit(version: number): boolean
  /** Resolves when mayPublish() may say something else. */
  changed(): Promise<void>
  /** Calls back when streams are taken away: what is under way is not to arrive. */
  onRevoked(listener: () => void): void
  /** Calls back with every assignment. */
  onAssigned(listener: (assignment: Assignment) => void): void
  /** A claim is under way: what was made before it counts no more. */
  claiming(): void
  /** From here on lists of these streams have versions of at least `versionBase`. */
  claimed(assignment: Assignment, versionBase: number): void
  /** The gate holds lists back, and ends that. */
  pause(): void
  resume(): void
  readonly paused: boolean
}

/**
 * Share of the session that a write may take until it has arrived: this worker falls silent this much earlier, and no
 * write is under way for longer.
 */
export const writingShare = 1 / 3

export function createOwnership({ sessionMs, now }: OwnershipOptions): Ownership {
  let assignment: Assignment | undefined
  let isAssigned = false
  let claim: { readonly assignment: Assignment | undefined; readonly versionBase: number } = {
    assignment: undefined,
    versionBase: 0,
  }
  let heardMs = Number.NEGATIVE_INFINITY
  let paused = false
  let waiting: (() => void)[] = []
  const listeners: (() => void)[] = []
  const assignedListeners: ((assignment: Assignment) => void)[] = []

  function wake(): void {
    const all = waiting
    waiting = []
    for (const one of all) one()
  }

  return {
    assigned(given, sentMs) {
      assignment = given
      isAssigned = true
      heardMs = Math.max(heardMs, sentMs)
      for (const listener of assignedListeners) listener(given)
      wake()
    },
    heard(sentMs) {
      heardMs = Math.max(heardMs, sentMs)
      wake()
    },
    revoked() {
      if (!isAssigned) return
      isAssigned = false
      for (const listener of listeners) listener()
    },
    onRevoked: (listener) => void listeners.push(listener),
    onAssigned: (listener) => void assignedListeners.push(listener),
    claiming() {
      claim = { assignment: undefined, versionBase: Number.POSITIVE_INFINITY }
    },
    claimed(given, versionBase) {
      claim = { assignment: given, versionBase }
      wake()
    },
    mayPublish(version, stream) {
      if (version < claim.versionBase) return false
      if (sessionMs === undefined) return true
      if (!isAssigned) return undefined
      if (claim.assignment !== assignment) return false
      if (stream !== undefined && !assignment?.streams.includes(stream)) return false
      return now() - heardMs < sessionMs - sessionMs * writingShare ? true : undefined
    },
    mayCommit: (version) => !paused && version >= claim.versionBase,
    changed: () => new Promise((resolve) => waiting.push(resolve)),
    pause() {
      paused = true
    },
    resume() {
      paused = false
    },
    get paused() {
      return paused
    },
  }
}
