// A made-up worker for the tests of the status server and its page: figures that move as real ones do, from
// a tick count alone, so every picture of it is the same.

import { type QualitySums, rankers, segments, type TrainerStats } from '../../../src/messages.ts'
import type { Logger } from '../../../src/ports/logger.ts'
import type { Condition, State, Status } from '../../../src/ports/status.ts'

export interface Feed extends Status {
  tick: number
  paused: boolean
  failing: boolean
  finished: boolean
  /** A backlog is being read. */
  catchingUp: boolean
}

const start = Date.UTC(2026, 0, 2, 3, 4, 5)

export function createFeed(): Feed {
  const feed: Feed = {
    tick: 0,
    paused: false,
    failing: false,
    finished: false,
    catchingUp: false,
    alive: () => ({ ok: true, detail: 'the trainer reported 0.2 s ago' }),
    conditions: () => conditionsOf(feed),
    state: () => stateOf(feed),
    ask: async (user) => (user === 'nobody' ? undefined : explanationOf(user)),
  }
  return feed
}

function conditionsOf({ failing }: Feed): Condition[] {
  return [
    { name: 'started', ok: true, detail: 'positives read back, 61 MB checkpoint loaded' },
    { name: 'source', ok: true, detail: 'reading interactions from 6 partitions' },
    failing
      ? { name: 'store', ok: false, detail: 'redis has not answered for 12 s; retrying' }
      : { name: 'store', ok: true, detail: 'redis answers in 2 ms' },
    { name: 'sink', ok: true, detail: 'the last list was written 0.1 s ago' },
    { name: 'trainer', ok: true, detail: 'reported 0.2 s ago' },
  ]
}

/** Smooth and repeatable, in [-1, 1]. */
const wave = (tick: number, pace: number) => Math.sin(tick / pace) * Math.cos(tick / (pace * 1.7))

function stateOf(feed: Feed): State {
  const { tick } = feed
  const consumed = Math.round(tick * 4_100 + 9_000 * (1 + wave(tick, 7)))
  const [deadLettered, skipped] = [Math.floor(tick / 9), Math.floor(tick / 4)]
  const published = Math.round(consumed * 0.21)
  return {
    version: '0.1.0',
    engine: 'arrays',
    model: 'neupr',
    startedAt: start,
    finishedAt: feed.finished ? start + tick * 1_000 : undefined,
    now: start + tick * 1_000,
    live: true,
    conditions: conditionsOf(feed),
    books: {
      consumed,
      applied: consumed - deadLettered - skipped - 12,
      forgotten: 0,
      deadLettered,
      skipped,
    },
    kinds: [{ action: 'view', events: consumed - 12 }],
    lagRecords: Math.max(0, Math.round(700 * wave(tick, 5) + 200)),
    catchUp: feed.catchingUp
      ? { share: 0.437, recordsLeft: 56_300, recordsPerSecond: 2_345, secondsLeft: 83 }
      : undefined,
    lagSeconds: Math.max(0, 0.1 + 0.1 * wave(tick, 5)),
    freshness: {
      applied: 0.008,
      learned: 0.061 + 0.02 * wave(tick, 4),
      published: 0.128 + 0.04 * wave(tick, 6),
    },
    lists: {
      personal: Math.round(published * 0.98),
      popular: Math.round(published * 0.02),
      coverage: 0.37,
      overlap: 0.08,
    },
    api: {
      answered: [
        { operation: 'list', requests: tick * 190, median: 0.0021, p99: 0.0094 },
        { operation: 'similar', requests: tick * 12, median: 0.0018, p99: 0.0071 },
      ],
      refused: [
        { reason: 'busy', requests: Math.floor(tick / 30) },
        { reason: 'unknown', requests: tick },
      ],
    },
    itemFeed: {
      ...{ available: 5_210, unavailable: 312 + tick, gone: 14, refused: 1, unkept: 0 },
    },
    gate: {
      enabled: true,
      paused: feed.paused,
      detail: feed.paused
        ? 'the model ranks worse than popularity; put back to checkpoint 41'
        : 'open',
    },
    checkpoint: {
      generation: 40 + Math.floor(tick / 60),
      bytes: 61_400_000,
      seconds: 0.42,
      savedAt: start + Math.floor(tick / 60) * 60_000,
    },
    trainer: statsOf(tick),
    group: {
      author: 'worker-0/3f9a01bc',
      share: 1,
      behindRecords: Math.max(0, Math.round(3 * wave(tick, 3))),
      others: [
        { author: 'worker-1/77b2c0d4', secondsAgo: 0.4 },
        { author: 'worker-2/0c61e9aa', secondsAgo: 1.2 },
      ],
    },
    recentUsers: ['u2041', 'u77', 'anna', 'u5150'],
  }
}

const partsMade = ['history.nbpr', 'history.dncr', 'rows.nbpr', 'neighbours', 'trend']

function statsOf(tick: number): TrainerStats {
  const learned = 1 - Math.exp(-tick / 40)
  const ratios = {
    model: 0.06 + 0.27 * learned + 0.012 * wave(tick, 3),
    itemKnn: 0.05 + 0.2 * learned + 0.012 * wave(tick, 4),
    popularity: 0.11 + 0.02 * learned + 0.01 * wave(tick, 5),
    recent: 0.08 + 0.03 * learned + 0.01 * wave(tick, 6),
  }
  const byRanker = {} as Record<string, QualitySums>
  const scored = (ratio: number) => ({ events: 1_000, hits: 1_000 * ratio, ndcg: 550 * ratio })
  for (const ranker of rankers) byRanker[ranker] = scored(ratios[ranker])
  partsMade.forEach((part, k) => {
    byRanker[part] = scored(ratios.model * (0.95 - 0.15 * k))
    byRanker[`without.${part}`] = scored(ratios.model * (0.9 + 0.02 * k))
  })
  byRanker['hidden-layer'] = scored(ratios.model * 0.6)
  byRanker['without.hidden-layer'] = scored(ratios.model * 0.99)
  const quality = Object.fromEntries(segments.map((segment) => [segment, byRanker]))
  return {
    events: tick * 4_100,
    repeats: tick * 31,
    removals: tick * 90,
    users: 6_040,
    items: 3_706,
    positives: 1_000_000,
    earlierItems: 2_300,
    itemsForgotten: tick,
    excessEvents: tick * 3,
    steps: tick * 210,
    triplets: tick * 53_760,
    loss: 0.69 - 0.31 * learned,
    ...{ drawsRejected: tick * 800, usersSaturated: 0 },
    learningShare: 0.62,
    learningSeconds: tick * 0.62,
    effort: 1,
    norm: 3.4,
    listsRanked: tick * 1_200,
    listsUnchanged: tick * 340,
    listsLate: 0,
    listsWithdrawn: tick * 7,
    itemsUnlisted: 118,
    ...{ debtEvents: 0, debtGivenUp: 0, shedShare: 0 },
    queuedEvents: 210,
    modelVersion: 1_000 + tick,
    dead: {},
    skipped: {},
    bytes: 58_200_000,
    ...{ newItemsUnscored: 0, leftOutUnscored: 0 },
    quality: quality as TrainerStats['quality'],
    forgetting: { before: 0.31, after: 0.29, users: 200 },
    weights: {
      ...{ 'history.nbpr': 0.71, 'history.dncr': 0.6, 'rows.nbpr': 0.42 },
      ...{ 'neighbours.newest': 0.5, neighbours: 0.27, 'trend.100': -0.18, 'trend.1000': 0.06 },
    },
  }
}

function explanationOf(user: string) {
  const items = Array.from({ length: 10 }, (_, k) => ({
    item: `item-${(k * 7919 + 13) % 3706}`,
    score: 0.6 + 0.35 / (k + 1.4),
    beatsNext: 0.5 + 0.31 / (k + 1.4),
    parts: {
      'history.nbpr': 1.4 - 0.1 * k,
      'history.dncr': 1 - 0.05 * k,
      'rows.nbpr': 0.4 * Math.sin(k + 1),
      neighbours: 1.1 - 0.1 * k,
      trend: 0.3 * Math.cos(k),
      'hidden-layer': 0.2 * Math.sin(k),
    },
    because: [
      { item: `item-${(k * 31 + 5) % 3706}`, gave: 0.82 - 0.05 * k },
      { item: `item-${(k * 17 + 9) % 3706}`, gave: 0.41 - 0.03 * k },
    ],
  }))
  const positives = Array.from({ length: 24 }, (_, k) => ({
    item: `item-${(k * 31 + 5) % 3706}`,
    timestamp: start - k * k * 60_000 * 7,
  }))
  return { user, positives, source: 'PERSONAL' as const, items }
}

/** A logger for tests that look at answers, not at lines. */
export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
  repeated: () => undefined,
  child: () => silent,
}
