// Whether each neighbour and part of the worker is well, from what is seen of it: outages that are retried, the
// trainer's signs of life, the age of the newest checkpoint. Asks nobody.

import type { Config } from '../config.ts'
import type { Failure } from '../errors.ts'
import type { CatchUpView, Condition, ConditionName, GateView, GroupView } from '../ports/status.ts'
import { catchUpText } from './workload.ts'

/** The trainer reports twice a second; a checkpoint or a batch of lists may keep it silent for a while. */
const silentMsMax = 30_000
/** A trainer that has been silent this long will not come back. */
const deadMsMax = 180_000
/** Checkpoints may come late by this many times the pause between them, and a minute. */
const checkpointsLateMax = 3

/** Whose outage it is when this work has to be tried again; what is not named here is the source's. */
const neighbourOf: Readonly<Record<string, ConditionName>> = {
  'opening the sink': 'sink',
  'writing lists': 'sink',
  'writing dead letters': 'sink',
  'storing events': 'store',
  'reaching the store': 'store',
  'claiming the store': 'store',
  'reading the store': 'store',
  'reading histories': 'store',
  'reading the item feed': 'items',
  'reading the update log': 'updates',
  'appending to the update log': 'updates',
}

export interface Conditions {
  outage(what: string, failure: Failure | undefined): void
  /** A sign of life of the trainer. */
  beat(): void
  checkpointed(failure?: string): void
  started(): void
  /** All work is done: nothing is late from here on. */
  finished(): void
  alive(): Pick<Condition, 'ok' | 'detail'>
  all(seen: Seen): readonly Condition[]
}

/** What others know at the moment. */
export interface Seen {
  readonly gate: GateView
  /** Of a history that is being read; its lists are still to come. */
  readonly catchUp: CatchUpView | undefined
  /** The source is let in. */
  readonly isAssigned: boolean
  readonly group: GroupView | undefined
}

/** `nowMs`: monotonic. */
export function createConditions(config: Config, nowMs: () => number): Conditions {
  const outages = createOutages(nowMs)
  const trainer = createTrainerWatch(config, nowMs)
  const checkpoints = createCheckpointWatch(config, nowMs)
  let hasStarted = false
  let hasFinished = false

  function source(isAssigned: boolean): Condition {
    const seen = outages.condition('source', hasFinished ? 'read to its end' : 'reading')
    if (!seen.ok || isAssigned || hasFinished) return seen
    return { ...seen, ok: false, detail: 'the consumer group has not given it any partitions yet' }
  }

  function updates(group: GroupView | undefined): Condition {
    if (config.updates === '') return outages.condition('updates', 'nothing is shared')
    const share = group?.share ?? 0
    const others = group?.others.length ?? 0
    const seen = outages.condition('updates', `followed, with ${others} other workers`)
    if (!seen.ok || share === 1) return seen
    return { ...seen, ok: false, detail: `reading the update log, ${Math.floor(100 * share)} %` }
  }

  return {
    outage: outages.note,
    beat: trainer.beat,
    checkpointed: checkpoints.note,
    started() {
      hasStarted = true
    },
    finished() {
      hasFinished = true
    },
    alive() {
      const { detail } = trainer.condition(hasFinished)
      const mayBeSilent = config.deterministic || !hasStarted || hasFinished
      return { ok: mayBeSilent || trainer.silentMs() <= deadMsMax, detail }
    },
    all: ({ gate, catchUp, isAssigned, group }) => [
      {
        name: 'started',
        ok: hasStarted,
        detail: hasStarted ? 'everything is opened' : `opening ${toOpen(config)}`,
      },
      source(isAssigned),
      outages.condition('store', config.redis === '' ? 'in memory' : 'Redis answers'),
      outages.condition('items', config.items === '' ? 'every item may be listed' : 'followed'),
      updates(group),
      outages.condition('sink', hasFinished ? 'everything is written' : 'writing'),
      trainer.condition(hasFinished),
      checkpoints.condition(hasFinished),
      { name: 'gate', ok: !gate.paused, detail: gate.detail },
      {
        name: 'backlog',
        ok: catchUp === undefined,
        detail: catchUp === undefined ? 'all that is read is live' : catchUpText(catchUp),
      },
    ],
  }
}

const secondsText = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** What is out of reach, and since when. */
function createOutages(nowMs: () => number) {
  const outages = new Map<string, { readonly code: string; readonly sinceMs: number }>()
  return {
    note(what: string, failure: Failure | undefined): void {
      if (failure === undefined) outages.delete(what)
      else if (!outages.has(what)) outages.set(what, { code: failure.code, sinceMs: nowMs() })
    },
    condition(name: ConditionName, fine: string): Condition {
      for (const [what, { code, sinceMs }] of outages) {
        if ((neighbourOf[what] ?? 'source') !== name) continue
        const since = secondsText(nowMs() - sinceMs)
        return { name, ok: false, detail: `${what}: ${code} for ${since}; retrying` }
      }
      return { name, ok: true, detail: fine }
    },
  }
}

function createTrainerWatch(config: Pick<Config, 'deterministic'>, nowMs: () => number) {
  const beginMs = nowMs()
  let beatMs: number | undefined
  const silentMs = (): number => nowMs() - (beatMs ?? beginMs)
  return {
    beat(): void {
      beatMs = nowMs()
    },
    silentMs,
    condition(hasFinished: boolean): Condition {
      const name = 'trainer'
      if (hasFinished) return { name, ok: true, detail: 'has learned everything' }
      if (config.deterministic) return { name, ok: true, detail: 'learns in the main thread' }
      const since = secondsText(silentMs())
      if (beatMs === undefined) {
        return { name, ok: false, detail: `has not reported yet, ${since} after the start` }
      }
      return { name, ok: silentMs() <= silentMsMax, detail: `reported ${since} ago` }
    },
  }
}

function createCheckpointWatch(
  config: Pick<Config, 'deterministic' | 'checkpointEverySeconds'>,
  nowMs: () => number,
) {
  const lateMs = (checkpointsLateMax * config.checkpointEverySeconds + 60) * 1000
  const beginMs = nowMs()
  let savedMs = beginMs
  let unsaved: string | undefined
  return {
    note(failure?: string): void {
      unsaved = failure
      if (failure === undefined) savedMs = nowMs()
    },
    condition(hasFinished: boolean): Condition {
      const name = 'checkpoint'
      if (unsaved !== undefined) return { name, ok: false, detail: `not written: ${unsaved}` }
      if (config.deterministic) return { name, ok: true, detail: 'written by the number of events' }
      if (hasFinished) return { name, ok: true, detail: 'the last one holds everything' }
      const age = nowMs() - savedMs
      const detail = savedMs === beginMs ? 'none due yet' : `the newest is ${secondsText(age)} old`
      return { name, ok: age <= lateMs, detail }
    },
  }
}

function toOpen({ items, updates }: Pick<Config, 'items' | 'updates'>): string {
  const read = [
    ...(items === '' ? [] : ['the item feed']),
    ...(updates === '' ? [] : ['the update log']),
  ]
  const all = 'the store, the sink and the model'
  return read.length === 0 ? all : `${all}, and reading ${read.join(' and ')}`
}
