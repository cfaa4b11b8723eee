// Does what the gate decides: pauses and resumes the publisher, and puts the model back to a checkpoint. The decisions
// are made in gate.ts; here are the numbers that are not settings, the order of the steps, and the log lines.

import type { Config } from '../config.ts'
import type { QualitySums, TrainerStats } from '../messages.ts'
import type { Metrics } from '../metrics.ts'
import type { Logger } from '../ports/logger.ts'
import type { GateView } from '../ports/status.ts'
import type { Trainer } from '../ports/trainer.ts'
import { type GateAction, type GateOptions, nextGate, openGate } from './gate.ts'
import type { Ownership } from './ownership.ts'
import type { Publisher } from './publish.ts'

export interface GateParts {
  readonly config: Pick<
    Config,
    'gate' | 'gateMargin' | 'gateDrop' | 'gateEventsMin' | 'deterministic'
  >
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'gateHolds' | 'gateRollbacks'>
  readonly publisher: Pick<Publisher, 'pause' | 'resume'>
  readonly ownership: Pick<Ownership, 'pause' | 'resume' | 'paused'>
  readonly trainer: Pick<Trainer, 'rollBack' | 'relist'>
}

export interface GateKeeper {
  /** Judges a report. What the gate decides is done in the background; until then no other report is judged. */
  report(stats: TrainerStats): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
  view(): GateView
}

export function createGateKeeper({
  config,
  logger,
  metrics,
  publisher,
  ownership,
  trainer,
}: GateParts): GateKeeper {
  const options = gateOptions(config)
  let state = openGate
  let detail = options.enabled ? 'open' : 'switched off'
  let work: Promise<void> | undefined

  async function act(action: GateAction): Promise<void> {
    if (action.kind === 'pause') {
      publisher.pause()
      metrics.gateHolds.from(action.reason).add()
      detail = `no lists go out: ${words[action.reason]}`
      logger.warn('publishing is paused', { reason: action.reason })
    } else if (action.kind === 'rollback') {
      const back = await trainer.rollBack(action.events)
      if (back === undefined) {
        logger.warn('there is no checkpoint to roll back to', { events: action.events })
        return
      }
      metrics.gateRollbacks.from(action.reason).add()
      detail = `no lists go out: ${words[action.reason]}; the model was rolled back to checkpoint ${back.generation}`
      logger.warn('the model was rolled back to a checkpoint', { reason: action.reason, ...back })
    } else {
      const users = publisher.resume()
      await trainer.relist(users)
      detail = 'open again: the model has recovered'
      logger.info('publishing is resumed', { users: users.length })
    }
  }

  async function actAll(actions: readonly GateAction[]): Promise<void> {
    for (const action of actions) {
      if (action.kind === 'pause') ownership.pause()
      await act(action)
      if (action.kind === 'resume') ownership.resume()
    }
  }

  return {
    report(stats) {
      if (work !== undefined) return
      const step = nextGate(state, reportOf(stats), options)
      state = step.state
      if (step.actions.length === 0) return
      work = actAll(step.actions)
        .catch((error: unknown) =>
          logger.error('the gate could not pause, resume or roll back', { error }),
        )
        .finally(() => {
          work = undefined
        })
    },
    idle: async () => work,
    view: () => ({ enabled: options.enabled, paused: ownership.paused, detail }),
  }
}

const words = {
  loss_not_finite: 'the loss is not a number',
  norms_exploded: 'the parameters have exploded',
  below_popularity: 'the model ranks worse than popularity',
  below_itself: 'the model ranks far worse than it used to',
} as const

/** The trainer reports by the clock, so a deterministic run has no gate. */
export function gateOptions(config: GateParts['config']): GateOptions {
  return {
    enabled: config.gate && !config.deterministic,
    eventsPerReport: 200,
    margin: config.gateMargin,
    drop: config.gateDrop,
    windowEventsMin: config.gateEventsMin,
    reportsToPause: 3,
    reportsToResume: 4,
    normMax: 1_000,
    eventsBetweenRollbacks: 10_000,
    rollbacksMax: 3,
  }
}

function reportOf({ events, loss, norm, quality }: TrainerStats) {
  const { model, popularity } = quality.window
  return {
    events,
    // NaN before the first step says nothing.
    loss: Number.isNaN(loss) ? 0 : loss,
    ...(norm === undefined ? {} : { norm }),
    windowEvents: model?.events ?? 0,
    model: ratio(model),
    popularity: ratio(popularity),
  }
}

function ratio(sums: QualitySums | undefined): number {
  return sums === undefined || sums.events === 0 ? 0 : sums.hits / sums.events
}
