// The events of a benchmark's stream in dense ids, in order of time, each pair of user and item once.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { createWorld } from '../../src/world/world.ts'

export interface StreamEvent {
  readonly user: number
  readonly item: number
  /** ms. */
  readonly time: number
}

/** Of a file of lines `user item time` with times in seconds, plain or gzip; without one, of a made-up world. */
export async function streamEvents(file: string | undefined): Promise<StreamEvent[]> {
  const users = new Map<string, number>()
  const items = new Map<string, number>()
  const seen = new Set<string>()
  const events: StreamEvent[] = []
  function add(user: string, item: string, time: number): void {
    const pair = `${user} ${item}`
    if (seen.has(pair)) return
    seen.add(pair)
    events.push({ user: idOf(users, user), item: idOf(items, item), time })
  }
  if (file === undefined) {
    const world = createWorld({ seed: 1, users: 2_000, items: 1_500, events: 100_000, undo: 0 })
    for (const { user, item, timestamp } of world.interactions()) add(user, item, timestamp)
    return events
  }
  const bytes = readFileSync(file)
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()
  const lines = text.split('\n').filter((line) => line.length > 0)
  const rows = lines.map((line) => line.split(/\s+/))
  rows.sort((a, b) => Number(a[2]) - Number(b[2]))
  for (const [user = '', item = '', time] of rows) add(user, item, 1000 * Number(time))
  return events
}

function idOf(ids: Map<string, number>, name: string): number {
  const known = ids.get(name)
  if (known !== undefined) return known
  ids.set(name, ids.size)
  return ids.size - 1
}
