// How well a worker predicts that joins a group which has learned a part of a stream, beside the workers from which it
// takes its users: in one process, on the same events, each ranked by both among the same other items. Several workers
// join, one after the other. Each starts from the update log and from the users' items, as from Redis; the worker that
// had a user goes on taking in what is learned, but learns nothing of that user itself.

import { createWasmEngine } from '../../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../../src/config.ts'
import { createGroupWorker, createLog } from '../../../src/lab/stream/group-worker.ts'
import { hitAt, meanOf } from '../../../src/measure/metrics.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { type StreamEvent, streamEvents } from '../stream-events.ts'

/** Shares of the stream after which a worker joins; it gets as large a share of the users of each of the others. */
const joinsAt = [0.5, 0.6, 0.7, 0.8]
const shareOfUsers = 0.2
/** The first events of each that are judged. */
const judgedEvents = 1_000
const others = 100
const shareEvents = 1_000
const numbersMax = 150_000
const hitsBelow = 10

export interface Joined {
  /** HR@10 of those who joined on their first events, and of the workers before them on the same. */
  readonly own: number
  readonly before: number
  /** Of the difference of the two. */
  readonly standardError: number
  readonly events: number
}

type Worker = ReturnType<typeof createGroupWorker>

export async function playJoins(
  file: string | undefined,
  { count, events, seed }: { count: number; events?: number | undefined; seed: number },
): Promise<Joined> {
  const stream = (await streamEvents(file)).slice(0, events)
  const { config } = readConfig({ flags: { seed }, env: {} })
  const log = createLog()
  const options = { config, workers: count, shareEvents, numbersMax, processorMs: () => 0 }
  const open = (w: number): Worker =>
    createGroupWorker(w, log, { ...options, engine: createWasmEngine() })
  const workers = Array.from({ length: count }, (_, w) => open(w))
  const judge = createJudge(stream, createRandom(seed, 'others'))
  const groupOf = (user: number): number => Math.floor(user / count) % (1 / shareOfUsers)
  const newcomers: { readonly worker: Worker; judged: number }[] = []
  stream.forEach(({ user, item, time }, place) => {
    if (place === Math.floor((joinsAt[newcomers.length] ?? 1) * stream.length)) {
      const worker = open(count + newcomers.length)
      for (const past of stream.slice(0, place)) {
        if (groupOf(past.user) !== newcomers.length) continue
        worker.remember(past.user, past.item, past.time)
      }
      newcomers.push({ worker, judged: 0 })
    }
    const before = workers[user % count]!
    const newcomer = newcomers[groupOf(user)]
    if (newcomer === undefined) {
      before.apply(user, item, time)
    } else {
      const { worker } = newcomer
      if (newcomer.judged < judgedEvents && judge.rank(place, worker, before)) newcomer.judged++
      worker.apply(user, item, time)
      before.remember(user, item, time)
    }
    judge.seen(place)
  })
  return judge.result()
}

function createJudge(stream: readonly StreamEvent[], random: ReturnType<typeof createRandom>) {
  const had = new Map<number, Set<number>>()
  /** The items that have come so far, each once. */
  const items: number[] = []
  const isSeen = new Set<number>()
  const own: number[] = []
  const before: number[] = []

  /** The item and others that the user does not have, all of which have come before. */
  function among({ user, item }: StreamEvent): number[] | undefined {
    const drawn = new Set([item])
    const theirs = had.get(user)
    if (!isSeen.has(item) || items.length - (theirs?.size ?? 0) < 2 * others) return undefined
    while (drawn.size <= others) {
      const one = items[random.below(items.length)]!
      if (theirs?.has(one) !== true) drawn.add(one)
    }
    return [...drawn]
  }

  return {
    /** Of an event that neither has taken in. False: it cannot be ranked. */
    rank(place: number, joined: Worker, other: Worker): boolean {
      const event = stream[place]!
      const ranked = among(event)
      if (ranked === undefined) return false
      own.push(hitAt(joined.rank(event.user, event.time, ranked), hitsBelow))
      before.push(hitAt(other.rank(event.user, event.time, ranked), hitsBelow))
      return true
    },
    seen(place: number): void {
      const { user, item } = stream[place]!
      if (!isSeen.has(item)) items.push(item)
      isSeen.add(item)
      had.set(user, (had.get(user) ?? new Set()).add(item))
    },
    result(): Joined {
      const { se } = meanOf(own.map((hit, k) => hit - before[k]!))
      const [mine, theirs] = [meanOf(own).mean, meanOf(before).mean]
      return { own: mine, before: theirs, standardError: se, events: own.length }
    },
  }
}
