// A stream over many items that is made of a real one: as many copies of it as there are items for, each with users and
// items of its own, in turns. Rows learned from noise order items as no model does, and lists over them cost far more.

import type { Interaction } from '../../../src/types.ts'
import { createCodec } from '../../../src/wire/avro.ts'
import { interactionSchema } from '../../../src/wire/schemas.ts'
import type { Entry } from '../../e2e/journal.ts'
import type { StreamEvent } from '../stream-events.ts'

/** Events of the history for each item. */
const eventsEach = 3
/** Events of one copy's history at least. */
const firstMin = 1_000

export interface TiledJournal {
  /** The first events of each copy, which have about `items` items. */
  readonly history: readonly Entry[]
  readonly rest: readonly Entry[]
}

/** @throws RangeError where the stream is too short for so much history, or for `rest` events after it */
export function tiledJournal(
  stream: readonly StreamEvent[],
  items: number,
  rest: number,
): TiledJournal {
  let known = 0
  const first = stream.findIndex(({ item }, n) => {
    known = Math.max(known, item + 1)
    return n >= firstMin && n >= eventsEach * known
  })
  const copies = Math.ceil(items / known)
  const history = first * copies
  if (first < 0 || (history + rest) / copies > stream.length)
    throw new RangeError(`${stream.length} events are too few for ${rest} after ${first}`)
  const [users, all] = [1 + max(stream, 'user'), 1 + max(stream, 'item')]
  const codec = createCodec<Interaction>(interactionSchema)
  const entries = Array.from({ length: history + rest }, (_, n): Entry => {
    const [copy, one] = [n % copies, stream[Math.floor(n / copies)]!]
    const user = `user-${copy * users + one.user}`
    const item = `item-${copy * all + one.item}`
    const event: Interaction = { user, item, timestamp: one.time, action: 'ADD' }
    return { key: user, value: Buffer.from(codec.encode(event)), event }
  })
  return { history: entries.slice(0, history), rest: entries.slice(history) }
}

function max(stream: readonly StreamEvent[], of: 'user' | 'item'): number {
  return stream.reduce((most, one) => Math.max(most, one[of]), 0)
}
