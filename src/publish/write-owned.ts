// Writes to the sink what this worker may publish, and leaves out what is for others to write. That is asked before the
// write and until its bytes leave, and waited for while it is not known.

import { Failure } from '../errors.ts'
import type { RankedList } from '../messages.ts'
import type { ListSink } from '../ports/sinks.ts'
import type { OutRecord, TopList } from '../types.ts'
import { encodeForgotten } from './encode.ts'
import type { Ownership } from './ownership.ts'

export interface Waiting {
  /** The user's name, or the mark that stands here between lists. */
  readonly key: string | symbol
  /** undefined for a mark, and for a user who was forgotten. */
  readonly list: TopList | undefined
  readonly version: number
  readonly ranked?: RankedList
  /** Called once it is written, or is not to be any more. */
  readonly done?: (isWritten: boolean) => void
}

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
        list === undefined ? encodeForgotten(String(key)) : encode(list),
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

/** Does the work while there is any, never twice at once, until it fails. */
export function whileAny(queue: { readonly length: number }, work: () => Promise<void>) {
  let running: Promise<void> | undefined
  let broken: { readonly cause: unknown } | undefined
  let tellFailed: (cause: unknown) => void = () => undefined
  const failed = new Promise<unknown>((resolve) => {
    tellFailed = resolve
  })

  function start(): void {
    if (running !== undefined || broken !== undefined) return
    running = work()
      .catch((cause) => {
        broken = { cause }
        tellFailed(cause)
      })
      .finally(() => {
        running = undefined
      })
  }

  async function finish(): Promise<void> {
    while (broken === undefined && (queue.length > 0 || running !== undefined)) {
      start()
      await running
    }
    if (broken !== undefined) throw broken.cause
  }

  return { start, finish, failed }
}
