// The positive store in Redis 6.2 or newer: two sorted sets per user, and a third one where actions have weights, all
// written with ZADD GT, so the newest time of each member stays whatever the order. Needs no scripts and no
// transactions. It repeats nothing by itself: a batch that failed is given again by the caller, as often as it takes.

import type { StoreMark } from '../../messages.ts'
import type { PositiveStore, UserLimits } from '../../ports/positive-store.ts'
import { codeOf, fullAdd, keptState, type Timed, weightedMember } from '../../strength.ts'
import type { Interaction, UserState } from '../../types.ts'
import { type ConnectionOptions, RedisConnection } from './connection.ts'
import { type ClaimOptions, type EpochOptions, epochGuard } from './epoch.ts'
import { type Keys, keysOf, type Side } from './keys.ts'
import { owedUsers } from './owed-users.ts'
import type { Command } from './replies.ts'
import { type ScanProgress, scanNames } from './scan.ts'

export type { ClaimOptions } from './epoch.ts'
export type { ScanProgress } from './scan.ts'

export interface RedisStoreOptions extends ConnectionOptions, EpochOptions {
  readonly limits: UserLimits
  /** Begins every key; see prefixPattern. */
  readonly prefix: string
  /** Users without events for this long are dropped; 0: never. */
  readonly idleSecondsMax: number
  readonly keysPerPage: number
  /** There may be ADDs that are not full: their sets are read, and found by scans. */
  readonly hasWeights?: boolean
  readonly onScan?: (progress: ScanProgress) => void
}

export interface RedisPositiveStore extends PositiveStore {
  /** Connects, and rejects as claimEpoch() would. Claims nothing. */
  examine(options?: ClaimOptions): Promise<void>
  /**
   * Counts the workers that used the store, upward for ever: 1 is a store never used before. From here on
   * apply() rejects with STATE_REGRESSED when the store lost its past.
   */
  claimEpoch(options?: ClaimOptions): Promise<number>
  /** A new epoch for work on these streams, and those that nobody else has claimed since this store did. */
  claimStreams(
    streams: readonly string[],
  ): Promise<{ readonly epoch: number; readonly kept: readonly string[] }>
  /** To keep in a checkpoint and give to the next claimEpoch(); undefined before the first. */
  mark(): StoreMark | undefined
}

export function redisPositiveStore(options: RedisStoreOptions): RedisPositiveStore {
  const connection = new RedisConnection(options)
  const sides: readonly Side[] = options.hasWeights === true ? allSides : ['a', 'r']
  const keys = keysOf(options.prefix, sides)
  const guard = epochGuard(connection, keys, options)
  const write = writer(keys, options, sides)
  const scanning = {
    keysPerPage: options.keysPerPage,
    progress: options.onScan ?? (() => undefined),
  }
  const read = (users: readonly string[]) =>
    readUsers(connection, keys, options.limits, users, sides)
  const owed = owedUsers(connection, keys)
  /** The streams of the newest claim. */
  let held: readonly string[] = []
  return {
    owed,
    examine: (claim) => guard.examine(claim),
    claimEpoch: (claim) => guard.claim(claim),
    async claimStreams(streams) {
      // ZMSCORE and ZADD without a member are errors.
      if (streams.length === 0) return { epoch: await guard.claim(), kept: [] }
      const mine = guard.mark()?.epoch
      const [holders] = (await connection.run([['zmscore', keys.holders, ...streams]])) as [
        (string | null)[],
      ]
      const epoch = await guard.claim()
      const scores = streams.flatMap((stream) => [epoch, stream])
      await connection.run([['zadd', keys.holders, 'GT', ...scores]])
      held = streams
      const kept = streams.filter((_, n) => holders[n] != null && Number(holders[n]) === mine)
      return { epoch, kept }
    },
    mark: () => guard.mark(),
    async apply(events) {
      if (events.length === 0) return
      await connection.run(write(events))
      await guard.check()
    },
    async forget(users) {
      // Also what was written while actions had weights.
      const sets = users.flatMap((user) => allSides.map((side) => `${keys.stem(user)}:${side}`))
      await connection.run(sets.map((key) => ['zremrangebyrank', key, 0, -1]))
      for (const stream of held) await owed.remove(stream, users)
    },
    read,
    names: () => scanNames(connection, keys, scanning),
    async *scan() {
      for await (const names of scanNames(connection, keys, scanning)) yield* await read(names)
    },
    close: () => connection.close(),
  }
}

const allSides: readonly Side[] = ['a', 'r', 'w']

/**
 * Makes the commands of a batch: one ZADD per user and side. A trim follows one new entry in 32:
 * readers cut to the limit themselves, so it only has to happen often enough. A set therefore holds some
 * dozens more than the limit; 800 more has a chance below 10^-10.
 */
function writer(keys: Keys, options: RedisStoreOptions, sides: readonly Side[]) {
  const { limits, idleSecondsMax } = options
  let lottery = 0
  return (events: readonly Interaction[]): Command[] => {
    const sets = new Map<string, (string | number)[]>()
    for (const event of events) {
      const { user, timestamp, action } = event
      const code = action === 'ADD' ? codeOf(event) : fullAdd
      const isFull = code === fullAdd
      const key = `${keys.stem(user)}:${action === 'REMOVE' ? 'r' : isFull ? 'a' : 'w'}`
      const member = isFull ? event.item : weightedMember(event.item, code)
      const known = sets.get(key)
      if (known === undefined) sets.set(key, ['zadd', key, 'GT', timestamp, member])
      else known.push(timestamp, member)
    }
    const commands: Command[] = []
    for (const [key, zadd] of sets) {
      commands.push(zadd as unknown as Command)
      // A linear congruential generator spreads the trims, so that no regular input can dodge them.
      lottery = (Math.imul(lottery, 1_664_525) + 1_013_904_223) >>> 0
      if (lottery < ((zadd.length - 3) / 2) * 2 ** 27) {
        const limit = key.endsWith('r') ? limits.removed : limits.added
        commands.push(['zremrangebyrank', key, 0, -1 - limit])
      }
    }
    if (idleSecondsMax > 0) commands.push(...expiries(keys, events, idleSecondsMax, sides))
    return commands
  }
}

/** The sets of a user live equally long: ADDs that outlived their REMOVEs would come back. */
function expiries(
  keys: Keys,
  events: readonly Interaction[],
  seconds: number,
  sides: readonly Side[],
): Command[] {
  const users = new Set(events.map(({ user }) => user))
  return [...users].flatMap((user) =>
    sides.map((side): Command => ['expire', `${keys.stem(user)}:${side}`, seconds]),
  )
}

async function readUsers(
  connection: RedisConnection,
  keys: Keys,
  limits: UserLimits,
  users: readonly string[],
  sides: readonly Side[],
): Promise<UserState[]> {
  const most = { a: limits.added, r: limits.removed, w: limits.added }
  const commands = users.flatMap((user) =>
    sides.map(
      (side): Command => ['zrange', `${keys.stem(user)}:${side}`, -most[side], -1, 'WITHSCORES'],
    ),
  )
  const replies = (await connection.run(commands)) as string[][]
  return users.map((user, index) => {
    const side = (at: number) => pairs(replies[sides.length * index + at] ?? [])
    return keptState(user, side(0), side(1), limits, sides.length > 2 ? side(2) : [])
  })
}

function pairs(flat: readonly string[]): Timed[] {
  const found: Timed[] = []
  for (let k = 0; k + 1 < flat.length; k += 2) found.push([flat[k] as string, Number(flat[k + 1])])
  return found
}
