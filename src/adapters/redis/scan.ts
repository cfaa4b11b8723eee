// Finds every user of every master, page by page; only one page is in memory.

import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'

export interface ScanProgress {
  readonly users: number
  /** Keys looked at; `keysExpected` counts the whole database, foreign keys too. */
  readonly keys: number
  readonly keysExpected: number
}

export interface ScanOptions {
  readonly keysPerPage: number
  readonly progress: (progress: ScanProgress) => void
}

/** The names of all users, a page at a time. */
export async function* scanNames(
  connection: RedisConnection,
  keys: Keys,
  options: ScanOptions,
): AsyncIterable<readonly string[]> {
  const masters = await connection.masters()
  let keysExpected = 0
  for (const master of masters) {
    const facts = await connection.info(master, 'keyspace')
    for (const [, count] of facts.matchAll(/keys=(\d+)/g)) keysExpected += Number(count)
  }
  let users = 0
  let seen = 0
  for (const master of masters) {
    let cursor = '0'
    do {
      const [next, page] = await connection.scan(master, cursor, keys.pattern, options.keysPerPage)
      cursor = next
      const wanted = await firstOfEach(connection, keys, page)
      users += wanted.length
      if (wanted.length > 0) yield wanted
      seen += page.length
      options.progress({ users, keys: seen, keysExpected })
    } while (cursor !== '0')
  }
}

/** Users by their full ADDs, and by other sets only those without: so each comes once, or at most twice. */
async function firstOfEach(
  connection: RedisConnection,
  keys: Keys,
  page: readonly string[],
): Promise<string[]> {
  const wanted = new Set<string>()
  const doubtful: string[] = []
  for (const key of page) {
    const parsed = keys.parse(key)
    if (parsed?.side === 'a') wanted.add(parsed.user)
    else if (parsed !== undefined) doubtful.push(parsed.user)
  }
  const counts = await connection.run(doubtful.map((user) => ['zcard', `${keys.stem(user)}:a`]))
  doubtful.forEach((user, index) => {
    if (Number(counts[index]) === 0) wanted.add(user)
  })
  return [...wanted]
}
