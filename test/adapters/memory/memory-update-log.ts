// The update log of a group in one process, for tests. Records can be deleted from its beginning, as by retention.

import { Failure } from '../../../src/errors.ts'
import type { LoggedRecord, UpdateLog } from '../../../src/ports/update-log.ts'

export interface MemoryUpdateLog extends UpdateLog {
  /** Deletes the records before this offset. */
  deleteBefore(offset: number): void
}

export function createMemoryUpdateLog(): MemoryUpdateLog {
  const records: LoggedRecord[] = []
  let begin = 0
  let end = 0
  let waiting: (() => void)[] = []

  function wake(): void {
    for (const one of waiting.splice(0)) one()
  }

  async function* read(from: number, signal: AbortSignal) {
    signal.addEventListener('abort', wake, { once: true })
    for (let next = from; !signal.aborted; ) {
      if (next < begin) {
        throw new Failure('RECORDS_EXPIRED', `the log begins at ${begin}, after ${next}`)
      }
      if (next > end) throw new Failure('TOPIC_RECREATED', `the log ends at ${end}, before ${next}`)
      const some = records.filter(({ offset }) => offset >= next)
      if (some.length > 0) {
        next = end
        yield { records: some, end }
        continue
      }
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    }
  }

  return {
    async append(value) {
      const offset = end++
      records.push({ offset, value: value.slice() })
      wake()
      return offset
    },
    bounds: async () => ({ begin, end }),
    read,
    deleteBefore(offset) {
      begin = Math.max(begin, Math.min(offset, end))
      while (records.length > 0 && records[0]!.offset < begin) records.shift()
    },
    async close() {
      waiting = []
    },
  }
}
