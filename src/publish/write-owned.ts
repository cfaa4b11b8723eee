// Writes to the sink what this worker may publish, and leaves out what is for others to write. That is asked before the
// write and until its bytes leave, and waited for while it is not known.

import { Failure } from '../errors.ts'
import type { ListSink } from '../ports/list-sink.ts'
import type { OutRecord, TopList } from '../types.ts'
import type { Ownership } from './ownership.ts'
import type { Waiting } from './waiting-lists.ts'

export interface OwnedWriterOptions {
  readonly sink: ListSink
  readonly encode: (list: TopList) => OutRecord
  /** Asked until bytes leave. */
  readonly ownership: Pick<Ownership, 'mayPublish' | 'changed'>
}

/** The function returns what was written; `onLeftOut` is called before a write that leaves something out. */
export function createOwnedWriter(
  { sink, encode, ownership }: OwnedWriterOptions,
  onLeftOut: () => void,
): (batch: readonly Waiting[]) => Promise<Waiting[]> {
  const mayGo = ({ version, list }: Waiting): boolean | undefined =>
    // A list that follows from no event of the input has no stream.
    ownership.mayPublish(version, list?.position.stream || undefined)

  return async (batch) => {
    const all = batch.filter(({ key }) => typeof key === 'string')
    for (;;) {
      while (all.some((one) => mayGo(one) === undefined)) await ownership.changed()
      const own = all.filter((one) => mayGo(one) === true)
      if (own.length < all.length) onLeftOut()
      const stillMay = (): boolean => own.every((one) => mayGo(one) === true)
      const records = own.map(({ key, list }) =>
        list === undefined ? { key: String(key), value: null } : encode(list),
      )
      try {
        if (records.length > 0) await sink.write(records, stillMay)
        return own
      } catch (cause) {
        // Where the right to write has ended meanwhile this is no outage: the batch is looked at anew.
        if (stillMay() || !(cause instanceof Failure) || cause.fate === 'stop') throw cause
      }
    }
  }
}
