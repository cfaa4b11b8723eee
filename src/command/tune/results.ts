// What a grid search has found so far: a file with a line for each stream and change, from which a stopped run
// continues, and the table of it.

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { ReplayResult } from '../../lab/stream/replay.ts'
import { type Quality, shareText } from '../../measure/metrics.ts'

/** `key` empty: the defaults. */
export interface Change {
  readonly key: string
  readonly value: unknown
}

export interface Trial {
  readonly stream: string
  /** Tells apart runs with other defaults, seeds, limits. */
  readonly base: string
  readonly change: Change
  readonly middle: Quality
  readonly last30: Quality
  readonly cold: Quality
  /** HR@10 of early events that were never learned, at the end of the stream. */
  readonly old: number | null
  /** µs of learning an event. */
  readonly cost: number
}

export interface Trials {
  find(stream: string, base: string, change: Change): Trial | undefined
  add(trial: Trial): void
}

export function openTrials(path: string): Trials {
  const known = new Map<string, Trial>()
  const keyOf = (stream: string, base: string, { key, value }: Change) =>
    JSON.stringify([stream, base, key, value])
  if (existsSync(path)) {
    const text = readFileSync(path, 'utf8')
    // The last line of a run that was killed may be half of one.
    if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n')
    for (const line of text.split('\n')) {
      if (!line.endsWith('}')) continue
      const trial = JSON.parse(line) as Trial
      known.set(keyOf(trial.stream, trial.base, trial.change), trial)
    }
  }
  return {
    find: (stream, base, change) => known.get(keyOf(stream, base, change)),
    add(trial) {
      known.set(keyOf(trial.stream, trial.base, trial.change), trial)
      appendFileSync(path, `${JSON.stringify(trial)}\n`)
    },
  }
}

export function trialOf(stream: string, base: string, change: Change, played: ReplayResult): Trial {
  const { middle, last30, cold } = played.quality.model!
  const cost = Object.values(played.cost).reduce((sum, us) => sum + us, 0)
  const old = played.oldTastes.atEnd.model!.hr10
  return { stream, base, change, middle, last30, cold, old, cost }
}

export function nameOf(stream: string, change: Change): string {
  return `${basename(stream)}, ${told(change)}`
}

function told({ key, value }: Change): string {
  return key === '' ? 'the defaults' : `${key} = ${JSON.stringify(value)}`
}

/**
 * A row per change: the figures of the middle of each stream with what they know of old tastes at its end, and the mean
 * gain in points of HR@10 and NDCG@10.
 */
export function tuneTable(streams: readonly string[], trials: readonly Trial[]): string {
  const at = (stream: string, change: Change) =>
    trials.find(
      (one) => one.stream === stream && JSON.stringify(one.change) === JSON.stringify(change),
    )
  const changes = [
    ...new Map(trials.map(({ change }) => [JSON.stringify(change), change])).values(),
  ]
  const base = changes.find(({ key }) => key === '')!
  const gainOf = (change: Change) => {
    const gains = streams.map((stream) => [at(stream, change), at(stream, base)] as const)
    if (gains.some(([one, other]) => one === undefined || other === undefined)) return undefined
    const mean = (of: (trial: Trial) => number) =>
      gains.reduce((sum, [one, other]) => sum + of(one!) - of(other!), 0) / gains.length
    return {
      hr10: mean((one) => one.middle.hr10 ?? 0),
      ndcg10: mean((one) => one.middle.ndcg10 ?? 0),
    }
  }
  const winners = winnersOf(changes, gainOf)
  const cells = (change: Change) => {
    const gain = gainOf(change)
    const last = gain === undefined ? '–' : `${points(gain.hr10)} / ${points(gain.ndcg10)}`
    return [
      told(change),
      ...streams.map((stream) => {
        const trial = at(stream, change)
        return trial === undefined
          ? '–'
          : [trial.middle.hr10, trial.middle.ndcg10, trial.old]
              .map((value) => shareText(value))
              .join(' / ')
      }),
      winners.has(change) ? `**${last}**` : last,
      (
        streams.reduce((sum, s) => sum + (at(s, change)?.cost ?? Number.NaN), 0) / streams.length
      ).toFixed(0),
    ]
  }
  const head = [
    'middle 40–70 %: HR@10 / NDCG@10 / old tastes',
    ...streams.map((stream) => basename(stream)),
    ...['mean gain, points', 'µs an event'],
  ]
  return [head, head.map(() => '---'), ...changes.map(cells)]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

/** Of each key the value that gains most on the mean of the streams, where any gains. */
function winnersOf(
  changes: readonly Change[],
  gainOf: (change: Change) => { readonly hr10: number; readonly ndcg10: number } | undefined,
): Set<Change> {
  const best = new Map<string, { change: Change; gain: number }>()
  for (const change of changes) {
    const gain = gainOf(change)
    const sum = gain === undefined ? 0 : gain.hr10 + gain.ndcg10
    if (change.key !== '' && sum > (best.get(change.key)?.gain ?? 0))
      best.set(change.key, { change, gain: sum })
  }
  return new Set([...best.values()].map(({ change }) => change))
}

function points(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(2)}`
}
