// What is seen of a worker: everything that happens becomes metrics, conditions and the state of the page. It steers
// nothing.

import type { StatusServer } from '../adapters/http/server.ts'
import type { Config } from '../config.ts'
import { kindNames } from '../consume/mapping/spec/actions.ts'
import { parseMapping } from '../consume/mapping/spec/spec.ts'
import type { Failure } from '../errors.ts'
import { type Io, programVersion } from '../io.ts'
import type { TrainerStats } from '../messages.ts'
import { createMetrics, type Metrics, Registry } from '../metrics.ts'
import type { Logger } from '../ports/logger.ts'
import { createSpread } from '../publish/spread.ts'
import { createConditions } from './conditions.ts'
import { createGroupWatch } from './group.ts'
import { createListsApi } from './lists-api.ts'
import { createObservers, type Observers } from './observe.ts'
import { createStatus, type Known, type Running } from './status.ts'
import { createUserBounds } from './user-bounds.ts'
import { createWorkload } from './workload.ts'

/** The sample of users whose lists are compared. */
const spreadUsersMax = 1_024
const spreadItemsMax = 100

export interface MonitorParts {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
}

export interface Monitor extends Observers {
  readonly metrics: Metrics
  /** Listens where the settings say so, else does nothing. @throws Failure LIMIT_REACHED */
  open(): Promise<void>
  started(running: Running): void
  /** The work has ended, the page stays. Returns where it is; undefined: there is none. */
  finished(): string | undefined
  onEngine(name: string): void
  onStats(stats: TrainerStats): void
  onBeat(): void
  onOutage(what: string, failure: Failure | undefined): void
  close(): Promise<void>
}

export function createMonitor({ config, io, logger }: MonitorParts): Monitor {
  const registry = new Registry()
  const version = programVersion()
  const { engine, model } = config
  const kinds = kindNames(parseMapping(config).actions).slice(0, config.actionNamesMax)
  const facts = { version, engine, model, now: io.nowMs, kinds }
  const metrics = createMetrics(registry, { ...facts, process: config.httpPort > 0 })
  const conditions = createConditions(config, io.elapsedMs)
  const workload = createWorkload(logger, io.elapsedMs)
  const group = createGroupWatch(metrics, io.elapsedMs)
  const tellUserBounds = createUserBounds(logger)
  const spread = createSpread({ usersMax: spreadUsersMax, itemsMax: spreadItemsMax })
  const known: Known = { running: undefined, engine, trainer: undefined, finishedAt: undefined }
  const parts = { config, io, metrics, conditions, workload, group, spread }
  const status = createStatus({ ...parts, version, known })
  let server: StatusServer | undefined

  return {
    ...createObservers(parts),
    metrics,
    async open() {
      if (config.httpPort === 0) return
      const { httpHost: host, httpPort: port, httpToken: token } = config
      const log = logger.child({ part: 'http' })
      const api = createListsApi(config, metrics, () => known.running?.lists)
      // Loaded only where there is a page.
      const { startStatusServer } = await import('../adapters/http/server.ts')
      server = await startStatusServer({
        ...{ status, registry, api, log, host, port, token, now: io.elapsedMs },
      })
      logger.info('the status page is open', { url: server.url })
      if (io.stderr.isTTY === true) io.stderr.write(`  Watch it at ${server.url}\n\n`)
    },
    started(running) {
      known.running = running
      conditions.started()
    },
    finished() {
      known.finishedAt = io.nowMs()
      conditions.finished()
      return server?.url
    },
    onEngine(name) {
      known.engine = name
    },
    onStats(stats) {
      known.trainer = stats
      metrics.observeTrainer(stats)
      workload.stats(stats)
      tellUserBounds(stats)
    },
    onBeat: () => conditions.beat(),
    onOutage: (what, failure) => conditions.outage(what, failure),
    async close() {
      await server?.close()
      registry.clear()
    },
  }
}
