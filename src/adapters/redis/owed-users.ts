// Who is owed a list for records of a stream that were committed before the list was out: a sorted set for each stream,
// users by the offset of their newest record.

import type { OwedUser, OwedUsers } from '../../ports/positive-store.ts'
import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'
import type { Command } from './replies.ts'

/** Users in one command: a longer one would keep the server from answering others. */
const usersPerCommand = 1_000

export function owedUsers(connection: RedisConnection, keys: Keys): OwedUsers {
  return {
    async add(stream, owed) {
      const key = keys.owed(stream)
      await connection.run(
        inPieces(owed).map((some): Command => {
          return ['zadd', key, 'GT', ...some.flatMap(([user, offset]) => [offset, user])]
        }),
      )
    },
    async remove(stream, users) {
      const key = keys.owed(stream)
      await connection.run(inPieces(users).map((some): Command => ['zrem', key, ...some]))
    },
    async page(stream, before, most) {
      const below = Number.isFinite(before) ? `(${before}` : '+inf'
      const limits = ['-inf', 'BYSCORE', 'REV', 'LIMIT', 0, most, 'WITHSCORES']
      const asked: Command = ['zrange', keys.owed(stream), below, ...limits]
      const [flat] = (await connection.run([asked])) as [string[]]
      const found: OwedUser[] = []
      for (let k = 0; k + 1 < flat.length; k += 2) found.push([flat[k]!, Number(flat[k + 1])])
      return found
    },
  }
}

function inPieces<T>(all: readonly T[]): T[][] {
  const pieces: T[][] = []
  for (let at = 0; at < all.length; at += usersPerCommand) {
    pieces.push(all.slice(at, at + usersPerCommand))
  }
  return pieces
}
