// How well a worker predicts that joins a group which has learned a part of a stream: in one process the same stream is
// played to a group that others join and to one that nobody does, and the first events of those who joined are ranked
// among the same other items in both. Who joins starts from the update log and from the items of its users, as from
// Redis; the workers that had these users get no more of their events.

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
  /** HR@10 of those who joined, and of the workers that had their users where nobody joined. */
  readonly own: number
  readonly without: number
  /** Of the difference of the two. */
  readonly standardError: number
  readonly events: number
}

type Worker = ReturnType<typeof createGroupWorker>

export interface JoinsPlay {
  readonly count: number
  readonly events?: number | undefined
  readonly seed: number
}

export async function playJoins(file: string | undefined, play: JoinsPlay): Promise<Joined> {
  const stream = (await streamEvents(file)).slice(0, play.events)
  const [own, without] = [hitsOf(stream, play, true), hitsOf(stream, play, false)]
  if (own.length !== without.length) throw new Error('other events were ranked where nobody joins')
  const { se } = meanOf(own.map((hit, k) => hit - without[k]!))
  return {
    ...{ own: meanOf(own).mean, without: meanOf(without).mean },
    ...{ standardError: se, events: own.length },
  }
}

/** 1 for each judged event whose item was among the first ten, else 0. */
function hitsOf(stream: readonly StreamEvent[], play: JoinsPlay, joins: boolean): number[] {
  const { count, seed } = play
  const { config } = readConfig({ flags: { seed }, env: {} })
  const log = createLog()
  const options = { config, workers: count, shareEvents, numbersMax, processorMs: () => 0 }
  const open = (w: number): Worker =>
    createGroupWorker(w, log, { ...options, engine: createWasmEngine() })
  const workers = Array.from({ length: count }, (_, w) => open(w))
  const newcomers: Worker[] = []
  /** Of the users of each who joins, how many events were judged. */
  const judged: number[] = []
  const among = createOthers(stream, createRandom(seed, 'others'))
  /** The number of the one who gets the user. */
  const joinsWith = (user: number): number => Math.floor(user / count) % (1 / shareOfUsers)
  const hits: number[] = []
  stream.forEach(({ user, item, time }, place) => {
    if (place === Math.floor((joinsAt[judged.length] ?? 1) * stream.length)) {
      if (joins) newcomers.push(open(count + judged.length))
      for (const past of joins ? stream.slice(0, place) : []) {
        if (joinsWith(past.user) !== judged.length) continue
        newcomers.at(-1)!.remember(past.user, past.item, past.time)
      }
      judged.push(0)
    }
    const number = joinsWith(user)
    const worker = newcomers[number] ?? workers[user % count]!
    if (judged[number] !== undefined && judged[number] < judgedEvents) {
      const items = among.of(place)
      if (items !== undefined) {
        judged[number]++
        hits.push(hitAt(worker.rank(user, time, items), hitsBelow))
      }
    }
    worker.apply(user, item, time)
    among.seen(place)
  })
  return hits
}

/** What the item of an event is ranked among: others that have come by then and that the user does not have. */
function createOthers(stream: readonly StreamEvent[], random: ReturnType<typeof createRandom>) {
  const had = new Map<number, Set<number>>()
  /** The items that have come so far, each once. */
  const items: number[] = []
  const isSeen = new Set<number>()
  return {
    /** The item first; undefined: it is new, or there are too few others. */
    of(place: number): number[] | undefined {
      const { user, item } = stream[place]!
      const theirs = had.get(user)
      if (!isSeen.has(item) || items.length - (theirs?.size ?? 0) < 2 * others) return undefined
      const drawn = new Set([item])
      while (drawn.size <= others) {
        const one = items[random.below(items.length)]!
        if (theirs?.has(one) !== true) drawn.add(one)
      }
      return [...drawn]
    },
    seen(place: number): void {
      const { user, item } = stream[place]!
      if (!isSeen.has(item)) items.push(item)
      isSeen.add(item)
      had.set(user, (had.get(user) ?? new Set()).add(item))
    },
  }
}
