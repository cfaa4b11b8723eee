// Runs of the worker as a process on a file that was made up, and what the file says must come out.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Interaction, TopList } from '../../src/types.ts'
import { createWorld } from '../../src/world/world.ts'
import { environment, main } from './program.ts'

export interface Folder {
  /** A path inside. */
  at(name: string): string
  lines(name: string): string[]
  json<T>(name: string): T
  remove(): void
}

export function openFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-file-'))
  const at = (name: string) => join(folder, name)
  return {
    at,
    lines: (name) => readFileSync(at(name), 'utf8').split('\n').slice(0, -1),
    json: (name) => JSON.parse(readFileSync(at(name), 'utf8')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Events of 200 people on 300 items, some of them taken back. */
export function eventsOf(count: number): Interaction[] {
  const world = createWorld({ seed: 3, users: 200, items: 300, events: count, days: 20, topics: 6 })
  return [...world.interactions()]
}

export function writeEvents(path: string, events: readonly Interaction[]): void {
  writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
}

/** Small, so that the tests are about the way and not about the learning. */
export const small = ['--factors', '4', '--effort', 'light', '--depth', '2']

/** Runs a command to its end. */
export function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: environment(env),
  })
}

/** What everybody has after these events: the newest time of an item wins, a tie goes to removal. */
export function setsAfter(events: readonly Interaction[]): Map<string, Set<string>> {
  const times = new Map<string, number>()
  const sets = new Map<string, Set<string>>()
  for (const { user, item, timestamp, action } of events) {
    const own = sets.get(user) ?? new Set()
    sets.set(user, own)
    const known = times.get(`${user} ${item}`) ?? Number.NEGATIVE_INFINITY
    if (action === 'ADD' && timestamp > known) own.add(item)
    if (action === 'REMOVE' && timestamp >= known) own.delete(item)
    times.set(`${user} ${item}`, Math.max(known, timestamp))
  }
  return sets
}

/**
 * One sentence per list that says what a list must not say. `events[k]` stands in line k, or in the lines of a file
 * there are others between them: then `lines` is that file.
 */
export function listFaults(
  lists: readonly TopList[],
  events: readonly Interaction[],
  length: number,
  lines?: readonly string[],
): string[] {
  const known = new Set(events.map(({ item }) => item))
  const before = eventsBefore(events, lines)
  const faults: string[] = []
  const versions = new Map<string, number>()
  for (const { user, items, position, modelVersion } of lists) {
    const about = `${user} at ${position.offset}`
    const own = setsAfter(
      events.slice(0, before[position.offset + 1]).filter((event) => event.user === user),
    ).get(user)
    const names = items.map(({ item }) => item)
    if (names.length !== length) faults.push(`${about}: ${names.length} items`)
    if (new Set(names).size !== names.length) faults.push(`${about}: an item twice`)
    if (names.some((item) => !known.has(item))) faults.push(`${about}: an unknown item`)
    if (names.some((item) => own?.has(item))) faults.push(`${about}: an item the user has`)
    if (items.some(({ score }) => !(score >= 0 && score <= 1))) faults.push(`${about}: a score`)
    if (modelVersion <= (versions.get(user) ?? 0)) faults.push(`${about}: a version went back`)
    versions.set(user, modelVersion)
  }
  return faults
}

/** How many events stand before each line of the file. */
function eventsBefore(events: readonly Interaction[], lines?: readonly string[]): number[] {
  if (lines === undefined) return Array.from({ length: events.length + 1 }, (_, k) => k)
  const counts = [0]
  for (const line of lines) counts.push(counts.at(-1)! + (line.startsWith('{') ? 1 : 0))
  return counts
}

/** The positive sets of the newest checkpoint, by the command. */
export function exported(checkpoints: string): Map<string, Set<string>> {
  const { status, stdout, stderr } = run(['export', 'positives', '--checkpoints', checkpoints])
  if (status !== 0) throw new Error(stderr)
  return new Map(
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const { user, items } = JSON.parse(line) as { user: string; items: string[] }
        return [user, new Set(items)]
      }),
  )
}

type Sets = ReadonlyMap<string, ReadonlySet<string>>

export function sizeOf(sets: Sets): number {
  return [...sets.values()].reduce((sum, own) => sum + own.size, 0)
}

/** The same sets in one order, without the empty ones. */
export function sorted(sets: Sets): [string, string[]][] {
  const some = [...sets].filter(([, own]) => own.size > 0)
  return some.sort(([a], [b]) => (a < b ? -1 : 1)).map(([user, own]) => [user, [...own].sort()])
}
