// Notices a store that lost its past: a database flushed, restored from an old copy, or a master replaced
// by a replica far behind. Witness keys hold the newest epoch and a time written every second; on a cluster
// they are spread over the slots so that each master holds some. They are only ever renewed where
// they exist, so what is gone stays gone until a person decides.

import { Failure } from '../../errors.ts'
import type { StoreMark } from '../../messages.ts'
import type { Logger } from '../../ports/logger.ts'
import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'
import type { Command } from './replies.ts'

export interface ClaimOptions {
  /** The epoch will be this or above. */
  readonly atLeast?: number
  /** The newest mark the caller knows of; a store older than it is refused. */
  readonly since?: StoreMark
  /** Everything is read again from the earliest event: take the store as it is. */
  readonly rebuilding?: boolean
}

export interface EpochOptions {
  /** A loss up to this is what a failover or a power cut may take; beyond it the state has regressed. */
  readonly lossToleratedMs: number
  readonly wallMs: () => number
  readonly log: Pick<Logger, 'warn'>
}

const clusterWitnesses = 64
const beatEveryMs = 1_000

export interface EpochGuard {
  /** Whether claim() could be made with these. Changes nothing. @throws Failure STATE_REGRESSED. */
  examine(options?: ClaimOptions): Promise<void>
  claim(options?: ClaimOptions): Promise<number>
  /** Called after every batch; once a second it looks at the witnesses. @throws Failure STATE_REGRESSED. */
  check(): Promise<void>
  mark(): StoreMark | undefined
}

export function epochGuard(
  connection: RedisConnection,
  keys: Keys,
  options: EpochOptions,
): EpochGuard {
  let mine: StoreMark | undefined
  let lookedAt = Number.NEGATIVE_INFINITY

  async function witnesses(): Promise<string[]> {
    const count = (await connection.isCluster()) ? clusterWitnesses : 1
    return Array.from({ length: count }, (_, n) => keys.witness(n))
  }

  async function mustReach(mark: StoreMark): Promise<void> {
    const names = await witnesses()
    const read = names.map((name): Command => ['zmscore', name, 'epoch', 'beat'])
    const replies = (await connection.run(read)) as (string | number | null)[][]
    for (const [epoch, beat] of replies) {
      if (epoch == null || beat == null) throw regressed('a witness key is gone (flushed?)')
      const behind = mark.beat - Number(beat)
      if (Number(epoch) < mark.epoch || behind > options.lossToleratedMs) {
        throw regressed(
          `it stands at epoch ${epoch}, ${behind} ms before what is known (restored?)`,
        )
      }
      if (behind > 0)
        options.log.warn('Redis lost a little of what it had confirmed', { behindMs: behind })
    }
  }

  async function mayClaim(since: StoreMark | undefined, rebuilding: boolean): Promise<void> {
    // Also without a mark the store must be there, and be one that the worker can use.
    if (since === undefined || rebuilding) await connection.run([])
    else await mustReach(since)
  }

  return {
    mark: () => mine,
    examine: ({ since, rebuilding = false } = {}) => mayClaim(since, rebuilding),
    async claim({ since, atLeast = 1, rebuilding = false } = {}) {
      await mayClaim(since, rebuilding)
      const [stored] = (await connection.run([['get', keys.epoch]])) as [string | null]
      const wanted = Math.max(atLeast, (since?.epoch ?? 0) + 1)
      const step = Math.max(1, wanted - Number(stored ?? 0))
      const [claimed] = await connection.run([['incrby', keys.epoch, step]])
      const epoch = Number(claimed)
      const beat = options.wallMs()
      const names = await witnesses()
      await connection.run(
        names.map((name): Command => ['zadd', name, 'GT', epoch, 'epoch', beat, 'beat']),
      )
      mine = { epoch, beat }
      lookedAt = beat
      return epoch
    },
    async check() {
      const now = options.wallMs()
      if (mine === undefined || Math.abs(now - lookedAt) < beatEveryMs) return
      lookedAt = now
      const { epoch } = mine
      try {
        await mustReach(mine)
        const names = await witnesses()
        await connection.run(names.map((name): Command => ['zadd', name, 'XX', 'GT', now, 'beat']))
      } catch (error) {
        lookedAt = Number.NEGATIVE_INFINITY // Not seen to be whole: look again with the next batch.
        throw error
      }
      mine = { epoch, beat: Math.max(now, mine.beat) }
    },
  }
}

function regressed(what: string): Failure {
  return new Failure(
    'STATE_REGRESSED',
    `the positive store is older than this worker's state: ${what}; rebuild it: neupr-worker rebuild --from earliest`,
  )
}
