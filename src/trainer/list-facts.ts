// Small facts about lists that their keeper (lists.ts) saves, compares and tells.

import type { RankedList } from '../messages.ts'
import type { Position } from '../types.ts'

/** A user who waits for a list: the newest event, its place, and the first place not yet in any list. */
export interface Due {
  readonly time: number
  readonly position: Position
  readonly since: Position
}

/** What a touch makes of a user who may be waiting already. `known`: an event time that a list has told of. */
export function dueAfter(
  waiting: Due | undefined,
  known: number,
  time: number,
  position: Position,
): Due {
  const newest = Math.max(time, waiting?.time ?? known)
  const same = waiting?.since.stream === position.stream
  return { time: newest, position, since: same ? waiting.since : position }
}

/** Positions moved back before the first record whose list is still to come. */
export function settledBefore(
  positions: ReadonlyMap<string, number>,
  waiting: Iterable<Due>,
): Map<string, number> {
  const settled = new Map(positions)
  for (const { since } of waiting) {
    const at = settled.get(since.stream)
    if (at !== undefined && since.offset < at) settled.set(since.stream, since.offset)
  }
  return settled
}

/** The index of the position's stream in the list of names, which grows by it when it is new. */
export function place(streams: string[], position: Position): number {
  const at = streams.indexOf(position.stream)
  return at >= 0 ? at : streams.push(position.stream) - 1
}

/** Which items in which order; never 0, which means «no list yet». */
export function hashOf(list: RankedList): number {
  let h = list.source === 'PERSONAL' ? 0x811c_9dc5 : 0x1000_01b3
  for (const item of list.items) h = Math.imul(h ^ item, 0x0100_0193) ^ (h >>> 15)
  return h === 0 ? 1 : h | 0
}

/** The bigger array, beginning with the smaller. */
export function grown<A extends Int32Array | Float64Array>(from: A, into: A): A {
  into.set(from as never)
  return into
}
