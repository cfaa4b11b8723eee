// Records of the update log as they come, and what is said of them when they were read.

import type { GroupState, UpdateBatch } from '../../requests.ts'
import { decodeUpdate } from '../../updates/encode.ts'
import type { Verdict } from '../../updates/ledger.ts'
import type { Member, NumberedRecord } from '../../updates/member.ts'
import { foreignTables } from '../../updates/naming.ts'

/** The records, or what is wrong with those that are not whole. */
export function decode({ records }: UpdateBatch): (NumberedRecord | { readonly fault: string })[] {
  return records.map(({ bytes, ids }) => {
    try {
      const record = decodeUpdate(bytes)
      if (ids.length !== record.names.length) throw new Error('not one id for each name')
      return { record, ids }
    } catch (cause) {
      return { fault: (cause as Error).message }
    }
  })
}

/** `verdicts`: of the whole ones; `widths`: of the tables here. */
export function told(
  decoded: ReturnType<typeof decode>,
  verdicts: readonly Verdict[],
  widths: ReadonlyMap<string, number>,
): GroupState['verdicts'] {
  let at = 0
  return decoded.map((one) => {
    if ('fault' in one) {
      const nobody = { author: '', sequence: 0, leftOut: 0, events: 0 }
      return { ...nobody, passedOver: 'unreadable', detail: one.fault }
    }
    const { author, sequence, events } = one.record
    const verdict = verdicts[at++]!
    const foreign = verdict.passedOver === undefined ? foreignTables(one.record, widths) : []
    const more = foreign.length > 0 ? { foreign } : {}
    return { author, sequence, events: events.items.length, ...verdict, ...more }
  })
}

/** Where the streams stand, and the worker among them. */
export function standing(
  member: Member,
): Pick<GroupState, 'learned' | 'pending' | 'isLost' | 'owned' | 'streams'> {
  const streams = [...member.ledger.streams]
  const owned = streams.filter(([stream]) => member.streams.has(stream))
  return {
    learned: member.ledger.learned,
    ...{ pending: member.pending, isLost: member.isLost },
    owned: owned.map(([stream, { position }]) => [stream, position]),
    streams: streams.map(([stream, { position, owner }]) => [stream, position, owner]),
  }
}
