// What a list is to reflect, and what a new event makes of a user who waits for one.

import type { Position } from '../../../types.ts'

/** What a list reflects: the user's newest event, and the place of the input up to which events are in it. */
export interface Reflected {
  readonly time: number
  readonly position: Position
}

/** A user who waits for a list: also the first place that is not yet in any list. */
export interface Due extends Reflected {
  readonly since: Position
  /** Monotonic ms when the first event that the list is due for came. Infinity: not known. */
  readonly sinceMs: number
}

/** What a new event makes of a user who may already wait, and whose last list may have reflected something. */
export function dueAfter(
  waiting: Due | undefined,
  last: Reflected | undefined,
  time: number,
  position: Position,
  atMs: number,
): Due {
  const known = waiting ?? last
  const newest = Math.max(time, known?.time ?? 0)
  // A record that comes again changes nothing: the list also reflects all that came after it.
  const isRepeat =
    known?.position.stream === position.stream && known.position.offset > position.offset
  const since =
    waiting?.since.stream === position.stream ? earlier(waiting.since, position) : position
  const sinceMs = Math.min(waiting?.sinceMs ?? atMs, atMs)
  return { time: newest, position: isRepeat ? known.position : position, since, sinceMs }
}

function earlier(one: Position, other: Position): Position {
  return one.offset <= other.offset ? one : other
}
