// Does what the gate decides: holds and releases the publisher, puts the model back. The judging is in
// publish/gate.ts; here are the numbers that are not settings, the order of the steps, and the telling.

import type { Config } from '../config.ts'
import type { QualitySums, TrainerStats } from '../messages.ts'
import type { Metrics } from '../metrics.ts'
import type { Logger } from '../ports/logger.ts'
import type { GateView } from '../ports/status.ts'
import type { Trainer } from '../ports/trainer.ts'
import { type GateAction, type GateOptions, nextGate, openGate } from './gate.ts'
import type { Publisher } from './publish.ts'

export interface GateParts {
  readonly config: Pick<
    Config,
    'gate' | 'gateMargin' | 'gateDrop' | 'gateEventsMin' | 'deterministic'
  >
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'gateHolds' | 'gateRollbacks'>
  readonly publisher: Pick<Publisher, 'hold' | 'release' | 'waiting'>
  readonly trainer: Pick<Trainer, 'rollBack' | 'relist'>
}

export interface GateKeeper {
  /** Judges; what follows goes on in the background, and no report is judged until it is done. */
  report(stats: TrainerStats): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
  /** False while lists are held back: then nobody may say that all that follows from the input is written. */
  readonly open: boolean
  view(): GateView
}

export function createGateKeeper({
  config,
  logger,
  metrics,
  publisher,
  trainer,
}: GateParts): GateKeeper {
  const options = gateOptions(config)
  let state = openGate
  let detail = options.enabled ? 'open' : 'switched off'
  let work: Promise<void> | undefined
  let closed = false

  async function act(action: GateAction): Promise<void> {
    if (action.kind === 'hold') {
      publisher.hold()
      metrics.gateHolds.from(action.reason).add()
      detail = `lists are held back: ${words[action.reason]}`
      logger.warn('publishing is held', { reason: action.reason })
    } else if (action.kind === 'rollback') {
      const back = await trainer.rollBack(action.events)
      if (back === undefined) {
        logger.warn('there is no checkpoint to go back to', { events: action.events })
        return
      }
      metrics.gateRollbacks.from(action.reason).add()
      detail = `lists are held back: ${words[action.reason]}; the model was put back to checkpoint ${back.generation}`
      logger.warn('the model was put back to a checkpoint', { reason: action.reason, ...back })
    } else {
      const users = publisher.release()
      await trainer.relist(users)
      detail = 'open again, after the model has recovered'
      logger.info('publishing goes on', { usersHeld: users.length })
    }
  }

  async function actAll(actions: readonly GateAction[]): Promise<void> {
    for (const action of actions) {
      if (action.kind === 'hold') closed = true
      await act(action)
      if (action.kind === 'release') closed = false
    }
  }

  return {
    report(stats) {
      if (work !== undefined) return
      const step = nextGate(state, reportOf(stats), options)
      state = step.state
      if (step.actions.length === 0) return
      work = actAll(step.actions)
        .catch((error: unknown) => logger.error('the gate could not act', { error }))
        .finally(() => {
          work = undefined
        })
    },
    settled: async () => work,
    get open() {
      return !closed
    },
    view: () => ({ enabled: options.enabled, held: closed, detail }),
  }
}

const words = {
  loss_not_finite: 'the loss is no number',
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
    reportsToHold: 3,
    reportsToRelease: 4,
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
