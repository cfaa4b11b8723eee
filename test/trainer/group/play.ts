// Two workers of a group that learn a stream each, for tests.

import { type GroupWorker, startWorker, streamsOf } from './worker.ts'

export const streams = streamsOf(2, 360)
export const batchEvents = 12

/** Learns the next events of stream `s`. */
export async function learnSome(worker: GroupWorker, s: number, from: number): Promise<number> {
  const some = streams[s]!.slice(from, from + batchEvents)
  if (some.length > 0) await worker.learn(`in/${s}`, from, some)
  return from + some.length
}

/** Two workers, each with a stream, learn all; after every round each appends, and reads if it is its turn. */
export async function play(
  log: Uint8Array[],
  onRound?: (a: GroupWorker, b: GroupWorker) => Promise<void>,
) {
  const a = startWorker('a', log)
  const b = startWorker('b', log)
  for (const [worker, stream] of [
    [a, 'in/0'],
    [b, 'in/1'],
  ] as const) {
    await worker.claim(stream)
    await worker.read()
  }
  const at = [0, 0]
  for (let round = 0; at.some((from, s) => from < streams[s]!.length); round++) {
    at[0] = await learnSome(a, 0, at[0]!)
    at[1] = await learnSome(b, 1, at[1]!)
    if (round % 2 === 0) await a.take()
    await b.take()
    if (round % 3 !== 0) await a.read()
    if (round % 3 !== 1) await b.read()
    await onRound?.(a, b)
  }
  await a.take()
  for (const worker of [a, b]) await worker.read()
  return { a, b }
}

/** To be compared. */
export function sorted(rows: ReadonlyMap<string, string>): string[] {
  return [...rows].map(([name, base]) => `${name}: ${base}`).sort()
}
