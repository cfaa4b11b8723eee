// Decides when lists must not go out and when the model must go back. A pure state machine: one report in, the
// next state and the actions out; it holds no clock, writes nothing and restores nothing itself.
//
// It pauses at once on numbers that cannot be right, and after `reportsToPause` bad reports in a row when the
// model ranks worse than popularity, or than it did itself. Both comparisons need a margin and more than chance.
// To resume takes `reportsToResume` good reports in a row, over a stricter bar: between the bars nothing changes.

import type { GateReason } from '../types.ts'

export interface GateOptions {
  readonly enabled: boolean
  /** Reports with fewer new events than this say nothing new about quality and are not counted. */
  readonly eventsPerReport: number
  /** The model may be this share worse than popularity before it counts as bad. */
  readonly margin: number
  /** The model may lose this share of its own long-run hit ratio before it counts as bad. */
  readonly drop: number
  /** Scored events in the window below which quality says nothing. */
  readonly windowEventsMin: number
  readonly reportsToPause: number
  readonly reportsToResume: number
  /** Largest norm of a parameter row that can be right. */
  readonly normMax: number
  /** A second rollback waits for this many events: the window must first forget the bad model. */
  readonly eventsBetweenRollbacks: number
  /** After this many rollbacks in one pause it is the stream that changed: the gate only pauses. */
  readonly rollbacksMax: number
}

/** Hit ratios over the newest `windowEvents` events, all scored before they were learned. */
export interface GateReport {
  /** Events remembered so far. */
  readonly events: number
  readonly loss: number
  /** Largest row norm of the model, where it is known. */
  readonly norm?: number
  readonly windowEvents: number
  readonly model: number
  readonly popularity: number
}

export type GateAction =
  | { readonly kind: 'pause'; readonly reason: GateReason }
  /**
   * Back to the newest checkpoint that had seen at most `events`: up to there the model had proved good.
   * 0: nothing has proved good yet; the newest whole checkpoint is then as good a guess as any.
   */
  | { readonly kind: 'rollback'; readonly reason: GateReason; readonly events: number }
  | { readonly kind: 'resume' }

export interface GateState {
  readonly paused: boolean
  readonly reason: GateReason | undefined
  /** Bad reports in a row while open; good ones in a row while paused. */
  readonly streak: number
  /** Events at the last report that counted. */
  readonly countedAt: number
  readonly rollbacks: number
  readonly rolledBackAt: number
  /** The model's own hit ratio in the long run; only good reports move it. */
  readonly usual: number | undefined
  /** Everything learned up to this many events has proved good since. */
  readonly provenEvents: number
}

export const openGate: GateState = {
  paused: false,
  reason: undefined,
  streak: 0,
  countedAt: Number.NEGATIVE_INFINITY,
  rollbacks: 0,
  rolledBackAt: Number.NEGATIVE_INFINITY,
  usual: undefined,
  provenEvents: 0,
}

export interface GateStep {
  readonly state: GateState
  readonly actions: readonly GateAction[]
}

/** Share of the way that `usual` moves to each good report. */
const usualRate = 0.02
/** Events a new model is given to catch up with popularity, in multiples of the smallest window. */
const windowsToGrow = 10
/** A difference counts when it is over this many standard errors. */
const sureness = 3

export function nextGate(state: GateState, report: GateReport, options: GateOptions): GateStep {
  if (!options.enabled) return { state, actions: [] }
  const broken = brokenBy(report, options)
  // A trainer put back to a checkpoint counts its events from there again.
  const waited = Math.abs(report.events - state.countedAt) >= options.eventsPerReport
  if (broken === undefined && !waited) return { state, actions: [] }
  const counted = { ...state, countedAt: report.events }
  const fault = broken ?? worseThan(state, report, options)
  if (!state.paused) return whileOpen(counted, report, options, fault, broken !== undefined)
  return whilePaused(counted, report, options, fault)
}

function whileOpen(
  state: GateState,
  report: GateReport,
  options: GateOptions,
  fault: GateReason | undefined,
  atOnce: boolean,
): GateStep {
  if (fault === undefined) return { state: proved(state, report, options), actions: [] }
  const streak = state.streak + 1
  if (!atOnce && streak < options.reportsToPause) {
    return { state: { ...state, streak }, actions: [] }
  }
  const paused = { ...state, paused: true, reason: fault, streak: 0, rollbacks: 0 }
  const back = rollBack(paused, report, fault)
  return { state: back.state, actions: [{ kind: 'pause', reason: fault }, ...back.actions] }
}

function whilePaused(
  state: GateState,
  report: GateReport,
  options: GateOptions,
  fault: GateReason | undefined,
): GateStep {
  if (fault !== undefined) {
    const next = { ...state, reason: fault, streak: 0 }
    const waited = Math.abs(report.events - state.rolledBackAt) >= options.eventsBetweenRollbacks
    if (!waited || state.rollbacks >= options.rollbacksMax) return { state: next, actions: [] }
    return rollBack(next, report, fault)
  }
  if (!isGood(state, report, options)) return { state: { ...state, streak: 0 }, actions: [] }
  const streak = state.streak + 1
  if (streak < options.reportsToResume) return { state: { ...state, streak }, actions: [] }
  const open = { ...state, paused: false, reason: undefined, streak: 0, rollbacks: 0 }
  return { state: open, actions: [{ kind: 'resume' }] }
}

function rollBack(state: GateState, report: GateReport, reason: GateReason): GateStep {
  const next = { ...state, rollbacks: state.rollbacks + 1, rolledBackAt: report.events }
  return { state: next, actions: [{ kind: 'rollback', reason, events: state.provenEvents }] }
}

function brokenBy(report: GateReport, options: GateOptions): GateReason | undefined {
  if (!Number.isFinite(report.loss)) return 'loss_not_finite'
  if (report.norm === undefined) return undefined
  return report.norm <= options.normMax ? undefined : 'norms_exploded'
}

function worseThan(
  state: GateState,
  report: GateReport,
  options: GateOptions,
): GateReason | undefined {
  const { model, popularity, windowEvents } = report
  if (windowEvents < options.windowEventsMin) return undefined
  const chance = (other: number) =>
    sureness * Math.sqrt((variance(model) + variance(other)) / windowEvents)
  // One that never was better and has seen little is young, not broken.
  const grown =
    state.usual !== undefined || report.events >= windowsToGrow * options.windowEventsMin
  if (
    grown &&
    model < popularity * (1 - options.margin) &&
    popularity - model > chance(popularity)
  ) {
    return 'below_popularity'
  }
  const { usual } = state
  if (usual === undefined) return undefined
  return model < usual * (1 - options.drop) && usual - model > chance(usual)
    ? 'below_itself'
    : undefined
}

/** The stricter bar for resuming: half of each allowance, and no verdict without a full window. */
function isGood(state: GateState, report: GateReport, options: GateOptions): boolean {
  if (report.windowEvents < options.windowEventsMin) {
    return state.reason === 'loss_not_finite' || state.reason === 'norms_exploded'
  }
  const { popularity, model } = report
  const likeItself = (state.usual ?? 0) * (1 - options.drop / 2)
  return model >= popularity * (1 - options.margin / 2) && model >= likeItself
}

function proved(state: GateState, report: GateReport, options: GateOptions): GateState {
  const { windowEvents, model, events } = report
  if (windowEvents < options.windowEventsMin) return { ...state, streak: 0 }
  const usual = state.usual === undefined ? model : state.usual + usualRate * (model - state.usual)
  const provenEvents = Math.max(state.provenEvents, events - windowEvents)
  return { ...state, streak: 0, usual, provenEvents }
}

function variance(ratio: number): number {
  return ratio * (1 - ratio)
}
