// A positive store whose calls are timed, for the metrics. Changes nothing else.

import type { PositiveStore } from '../ports/positive-store.ts'

export type StoreOperation = 'apply' | 'forget' | 'read' | 'scan'

/** `took` is told of calls that came through; those that did not are outages. */
export function timedStore(
  store: PositiveStore,
  nowMs: () => number,
  took: (operation: StoreOperation, seconds: number) => void,
): PositiveStore {
  async function timed<T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> {
    const startedMs = nowMs()
    const result = await work()
    took(operation, (nowMs() - startedMs) / 1000)
    return result
  }
  return {
    apply: (events) => timed('apply', () => store.apply(events)),
    forget: (users) => timed('forget', () => store.forget(users)),
    read: (users) => timed('read', () => store.read(users)),
    async *names() {
      const startedMs = nowMs()
      yield* store.names()
      took('scan', (nowMs() - startedMs) / 1000)
    },
    async *scan() {
      const startedMs = nowMs()
      yield* store.scan()
      took('scan', (nowMs() - startedMs) / 1000)
    },
    ...(store.owed && { owed: store.owed }),
    close: () => store.close(),
  }
}
