// What a run did, as numbers for programs and as a table for people.

import type { QualitySums, Segment, TrainerStats } from '../messages.ts'

/** Null where nothing was predicted yet: 0 would say that every prediction missed. */
export interface Quality {
  readonly hr10: number | null
  readonly ndcg10: number | null
}

export interface Summary {
  readonly events: number
  readonly users: number
  readonly items: number
  readonly triplets: number
  readonly seconds: number
  readonly lists: number
  readonly deadLetters: Readonly<Record<string, number>>
  readonly skipped: Readonly<Record<string, number>>
  /** Names of the actions that are predicted and measured; absent: all that add an item. */
  readonly measured?: string
  readonly prequential: Readonly<Record<Segment, Readonly<Record<string, Quality | number>>>>
  readonly forgetting: { readonly before: number; readonly after: number; readonly users: number }
  readonly weights: Readonly<Record<string, number>>
  readonly bytes: number
}

/** `measured`: as --measure-actions has it. */
export function summaryOf(
  stats: TrainerStats,
  lists: number,
  seconds: number,
  measured: string,
): Summary {
  const prequential = {} as Record<Segment, Record<string, Quality | number>>
  for (const [segment, rankers] of Object.entries(stats.quality)) {
    const row: Record<string, Quality | number> = { events: rankers.model?.events ?? 0 }
    for (const [ranker, sums] of Object.entries(rankers)) row[ranker] = qualityOf(sums)
    prequential[segment as Segment] = row
  }
  return {
    events: stats.events,
    users: stats.users,
    items: stats.items,
    triplets: stats.triplets,
    seconds,
    lists,
    deadLetters: stats.dead,
    skipped: stats.skipped,
    ...(measured !== '' && { measured }),
    prequential,
    forgetting: stats.forgetting,
    weights: stats.weights,
    bytes: stats.bytes,
  }
}

function qualityOf({ events, hits, ndcg }: QualitySums): Quality {
  if (events === 0) return { hr10: null, ndcg10: null }
  return { hr10: hits / events, ndcg10: ndcg / events }
}

const headings: Readonly<Record<string, string>> = {
  model: 'the model',
  itemKnn: 'ItemKNN, incremental',
  popularity: 'popularity, all time',
  recent: 'popularity, last 1,000 events',
}

const rule = `  ${'─'.repeat(68)}`

/** The summary as a few lines that a person likes to read; `parts` adds each part of the model alone and left out. */
export function summaryText(summary: Summary, { parts: withParts = true } = {}): string {
  const { prequential, forgetting } = summary
  const perSecond = Math.round(summary.events / Math.max(summary.seconds, 1e-9))
  const lines = [
    '',
    rule,
    `  ${grouped(summary.events)} events of ${grouped(summary.users)} users on ${grouped(summary.items)} items ` +
      `in ${summary.seconds.toFixed(1)} s (${grouped(perSecond)} events/s)`,
    `  ${grouped(summary.triplets)} triplets learned, ${grouped(summary.lists)} lists written, ` +
      `${(summary.bytes / 2 ** 20).toFixed(1)} MiB of state`,
    '',
    summary.measured === undefined
      ? '  Every event was predicted before it was learned: its item among 100 others,'
      : `  Events of ${summary.measured} were predicted before they were learned: their items among 100 others,`,
    '  ranked by',
    '',
    `  ${''.padEnd(32)}${'last 30 %'.padStart(18)}${'cold users'.padStart(18)}`,
    `  ${''.padEnd(32)}${'HR@10  NDCG@10'.padStart(18)}${'HR@10  NDCG@10'.padStart(18)}`,
    rule,
  ]
  const { last30, cold } = prequential
  const row = (name: string, heading: string) =>
    `  ${heading.padEnd(32)}${cell(last30[name])}${cell(cold[name])}`
  for (const [name, heading] of Object.entries(headings)) lines.push(row(name, heading))
  const parts = Object.keys(last30).filter((name) => !(name in headings) && name !== 'events')
  const alone = parts.filter((name) => !name.startsWith('without.'))
  if (withParts && alone.length > 1) {
    lines.push(rule, '  parts of the model alone')
    for (const name of alone) lines.push(row(name, `  ${name}`))
    lines.push('  the model without a part')
    for (const name of alone) lines.push(row(`without.${name}`, `  - ${name}`))
  }
  lines.push(rule)
  if (forgetting.users > 0) {
    const { before, after, users } = forgetting
    lines.push(
      '',
      `  Old events of ${users} users that were never learned: HR@10 ${before.toFixed(3)} at 30 % of the`,
      `  stream, ${after.toFixed(3)} now.`,
    )
  }
  const dead = Object.entries(summary.deadLetters)
  if (dead.length > 0) {
    lines.push('', `  Dead letters: ${dead.map(([why, n]) => `${why} ${grouped(n)}`).join(', ')}`)
  }
  return `${lines.join('\n')}\n`
}

function cell(quality: Quality | number | undefined): string {
  if (typeof quality !== 'object') return ''.padStart(18)
  const { hr10, ndcg10 } = quality
  if (hr10 === null || ndcg10 === null) return 'not measured yet'.padStart(18)
  return `${hr10.toFixed(3)}    ${ndcg10.toFixed(3)}`.padStart(18)
}

export function grouped(n: number): string {
  return n.toLocaleString('en-US')
}
