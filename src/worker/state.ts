// What a worker starts from: its checkpoints, the names and positions they hold, the positive store, and whether others
// read along.

import { createDiskCheckpointStore } from '../adapters/disk/checkpoint-store.ts'
import { memoryPositiveStore } from '../adapters/memory/positive-store.ts'
import { redisOptionsFrom } from '../adapters/redis/from-config.ts'
import { collectGarbage } from '../adapters/thread/collect-garbage.ts'
import { createTrainerThread } from '../adapters/thread/trainer.ts'
import type { Retrying } from '../app/retry.ts'
import type { Config } from '../config.ts'
import { hasWeights } from '../consume/mapping/spec/actions.ts'
import { parseMapping } from '../consume/mapping/spec/spec.ts'
import type { Io } from '../io.ts'
import type { StoreMark, TrainerReport } from '../messages.ts'
import { entries } from '../places.ts'
import type { Checkpoint, CheckpointStore } from '../ports/checkpoint-store.ts'
import type { Logger } from '../ports/logger.ts'
import type { PositiveStore } from '../ports/positive-store.ts'
import type { StoreReading, Trainer } from '../ports/trainer.ts'
import { createIds, type Ids } from '../remember/ids.ts'
import { userStatesOf } from '../remember/user-states.ts'
import type { GroupSpec } from '../requests.ts'
import { storeLimits } from '../settings/ingest.ts'
import { kindOf } from '../strength.ts'
import { releaseCheckpoint } from '../trainer/checkpoint/saved-parts.ts'
import { groupFactsOf, newcomerFrom } from '../trainer/group/saved-group.ts'
import { storeMarkOf } from '../trainer/loop/state.ts'
import { openEngine } from './engine.ts'
import { placeOf } from './open.ts'
import type { Start } from './options.ts'

/** Taking items out of what users have takes a pass over all of it, whether for one item or for many. */
const itemsEvictedShare = 1 / 256

/**
 * Other workers of the group may have claimed the store that was lost more often than this one. Their checkpoints, and
 * the versions of their lists, are to be older than the store that is filled again.
 */
const epochsOfOthers = 500

export function openCheckpoints(config: Config): CheckpointStore {
  return createDiskCheckpointStore({
    directory: config.checkpoints,
    kept: config.checkpointsKept,
    bytesMax: config.checkpointBytesMax,
  })
}

export function idsOf(config: Config, resume: Checkpoint | undefined): { users: Ids; items: Ids } {
  const items = createIds(config.itemsMax, {
    known: resume?.texts.get('items'),
    seen: resume?.tensors.get('items.seen')?.data,
    evictedShare: itemsEvictedShare,
  })
  return {
    users: createIds(config.usersMax, {
      known: resume?.texts.get('users'),
      seen: resume?.tensors.get('users.seen')?.data,
    }),
    // What one worker gave up, the others of its group would still learn: an item takes no other's place.
    items: config.updates === '' ? items : Object.create(items, { of: { value: items.stored } }),
  }
}

export function positionsOf(resume: Checkpoint | undefined): Map<string, number> {
  return new Map(Object.entries((resume?.facts.positions ?? {}) as Record<string, number>))
}

export interface OpenedStore {
  readonly store: PositiveStore
  /** To be called once, before claim(). Epochs will be at least this. */
  readonly open: (epoch: number) => Promise<void>
  /** Counts the claims on the store: every later one is higher, whoever makes it. `kept`: as of claimStreams(). */
  readonly claim: (
    streams: readonly string[],
  ) => Promise<{ epoch: number; kept: readonly string[] }>
  /** undefined: the store ends with the process, and nobody has to know it again. */
  readonly mark: (() => StoreMark | undefined) | undefined
}

export interface StoreOpening {
  readonly config: Config
  readonly io: Io
  readonly logger: Logger
  readonly retrying: Retrying
  readonly resume: Checkpoint | undefined
  /** Everything is read again from the earliest event: take the store as it is. */
  readonly rebuilding: boolean | undefined
}

/** The embedded store begins with what the checkpoint holds. Redis holds it itself, and is only looked at here. */
export async function openStore(opening: StoreOpening): Promise<OpenedStore> {
  const { config, io, logger, retrying, resume, rebuilding } = opening
  if (config.redis !== '') {
    const log = logger.child({ part: 'redis' })
    const weighs = hasWeights(parseMapping(config).actions)
    const around = { monotonicMs: io.elapsedMs, wallMs: io.nowMs, log, hasWeights: weighs }
    // Loaded only where it is used: the client of Redis takes a good part of a start.
    const { redisPositiveStore } = await import('../adapters/redis/positive-store.ts')
    const store = redisPositiveStore(redisOptionsFrom(config, around))
    const since = resume === undefined ? undefined : storeMarkOf(resume)
    const known = { rebuilding: rebuilding === true, ...(since === undefined ? {} : { since }) }
    await retrying('reaching the store', () => store.examine(known))
    return {
      store,
      open: async (atLeast) => {
        const first = { ...known, atLeast: atLeast + (rebuilding === true ? epochsOfOthers : 0) }
        await retrying('claiming the store', () => store.claimEpoch(first))
      },
      claim: (streams) => store.claimStreams(streams),
      mark: () => store.mark(),
    }
  }
  const store = memoryPositiveStore(storeLimits(config))
  for (const state of resume === undefined ? [] : userStatesOf(resume)) {
    const { user, added, removed, weighted = [] } = state
    const of = (action: 'ADD' | 'REMOVE') => (one: readonly [string, number, number?]) => {
      const event = { user, item: one[0], timestamp: one[1], action }
      return one[2] === undefined ? event : { ...event, kind: kindOf(one[2]) }
    }
    const adds = [...added, ...weighted].map(of('ADD'))
    await store.apply([...adds, ...removed.map(of('REMOVE'))])
  }
  let epoch = 0
  return {
    store,
    open: async (given) => {
      epoch = given
    },
    claim: async (kept) => ({ epoch, kept }),
    mark: undefined,
  }
}

export interface TrainerOpening {
  readonly config: Config
  readonly resume: Checkpoint | undefined
  readonly checkpoints: CheckpointStore
  readonly nextGeneration: number
  readonly versionBase: number | undefined
  /** What of the store is read beside the work; undefined: nothing. */
  readonly storeReading: StoreReading | undefined
  readonly keepsOwed: boolean
  /** undefined: what is learned is not shared. */
  readonly group?: GroupSpec | undefined
  readonly nowMs: () => number
  readonly report: (report: TrainerReport) => void
  readonly onLearned?: (readMs: number) => void
  readonly onBeat?: () => void
}

/** The trainer takes the checkpoint over, which is empty afterwards: it is as large as the whole state. */
export async function openTrainer(opening: TrainerOpening): Promise<Trainer> {
  const trainer = await createTrainer(opening)
  if (opening.resume !== undefined) {
    releaseCheckpoint(opening.resume)
    collectGarbage()
  }
  return trainer
}

async function createTrainer(opening: TrainerOpening): Promise<Trainer> {
  const { config, report } = opening
  if (config.deterministic) {
    const { engine, note } = await openEngine(config)
    report({ kind: 'engine', name: engine.name, note })
    // Loaded only where it is used: otherwise the trainer's thread has all of it, and loading it takes time.
    const { createTrainerInPlace } = await import('../trainer/loop/in-place.ts')
    return createTrainerInPlace({ ...opening, engine })
  }
  return createTrainerThread({ ...opening, entry: new URL('thread.js', entries) })
}

/** Reads only: the checkpoints may be those of a worker that is running, and this start come to nothing. */
export async function readState({ config, logger, fresh, rebuilding }: Start) {
  const checkpoints = openCheckpoints(config)
  const { checkpoint: found, newest, refused } = await checkpoints.latest()
  for (const { name, why } of refused) logger.warn('a checkpoint was passed over', { name, why })
  const since = found === undefined ? undefined : storeMarkOf(found)
  // What a group has learned stands in its log, so its model is kept where the store is filled again.
  const ofGroup = found !== undefined && rebuilding === true && config.updates !== ''
  const model = ofGroup && groupFactsOf(found) !== undefined ? newcomerFrom(found) : undefined
  return {
    checkpoints,
    resume: fresh ? model : found,
    nextGeneration: newest + 1,
    /** The number of this start. From here on no older worker can save here. */
    claimCheckpoints: async () =>
      // Above all that wrote lists from here, with whatever store.
      Math.max(await checkpoints.claimEpoch(), (since?.epoch ?? 0) + 1),
  }
}

/** Whether others may read the same topic. */
export function isShared({ config, logger, source }: Start): boolean {
  if (source !== undefined || placeOf('source', config.source).scheme !== 'kafka') return false
  if (config.redis === '') {
    logger.warn('positives are in memory: a crash loses those since the last checkpoint')
  }
  return true
}
