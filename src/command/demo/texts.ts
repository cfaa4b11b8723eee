// What the demo says before and after: the world it plays, what the lists found of the truth, what to try next.

import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Trainer } from '../../ports/trainer.ts'
import { grouped } from '../../worker/summary.ts'
import type { World } from '../../world/world.ts'

/** Users whose lists are held against the truth. */
const usersChecked = 1_000
const msPerDay = 86_400_000
const listLength = 10
/** The user stands at the beginning of a list. */
const firstListBytes = 8_192

export function opening(world: World | undefined, data: string | undefined): string {
  if (world === undefined)
    return `\n  Learning from ${data}, every event predicted before it is learned.\n\n`
  const { users, items, events } = world.options
  return (
    `\n  A made-up world of ${grouped(users)} people and ${grouped(items)} items: drifting tastes, visits,\n` +
    `  new items, fashions. The worker sees its ${grouped(events)} events once, in order, and\n` +
    '  knows nothing else.\n\n'
  )
}

/** Lists for the moment the world ends, against what the world knows: the chance that the next item is among them. */
export async function truthText(
  world: World,
  trainer: Trainer,
  taken: ReadonlyMap<string, number>,
): Promise<string> {
  const { startMs, days } = world.options
  const at = startMs + days * msPerDay
  const popular = [...taken].sort((a, b) => b[1] - a[1]).map(([item]) => item)
  const sums = { best: 0, ours: 0, popular: 0, found: 0, users: 0 }
  const users = world.users.slice(0, usersChecked)
  // All at once: the trainer makes lists while the truth is looked up here.
  const lists = users.map((user) => trainer.ask({ kind: 'list', user, k: listLength, at }))
  for (const [n, user] of users.entries()) {
    const list = await lists[n]
    if (list === undefined) continue
    const truth = world.trueTop(user, listLength)
    const ours = list.items.map(({ item }) => item)
    sums.best += world.chance(user, truth)
    sums.ours += world.chance(user, ours)
    sums.popular += world.chance(user, firstFree(world, user, popular))
    sums.found += ours.filter((item) => truth.includes(item)).length / listLength
    sums.users++
  }
  const share = (sum: number) => `${((100 * sum) / Math.max(1, sums.users)).toFixed(1)} %`
  const row = (name: string, sum: number) => `    ${name.padEnd(32)}${share(sum).padStart(8)}`
  const ofBest = `${((100 * sums.ours) / Math.max(sums.best, 1e-9)).toFixed(0)} %`
  return [
    '',
    `  Finished. The lists reach ${ofBest} of the best possible: this world knows the`,
    `  truth. The chance that a user's next item is among ten, over ${grouped(sums.users)} users:`,
    row('the ten best there are', sums.best),
    row("the worker's list", sums.ours),
    row('the ten most popular', sums.popular),
    `  Of the true top ten the lists hold ${share(sums.found)}.`,
    '',
  ].join('\n')
}

/** The first of the items that the user can take next. */
function firstFree(world: World, user: string, items: readonly string[]): string[] {
  const free: string[] = []
  for (const item of items) {
    if (world.chance(user, [item]) === 0) continue
    if (free.push(item) === listLength) break
  }
  return free
}

/** `user` is one who has a list, if there is one. `program` is what the reader types to start this program. */
export function closing(ending: {
  readonly folder: string
  readonly config: Config
  readonly user: string | undefined
  readonly program: string
}): string {
  const { folder, config, user = 'USER', program } = ending
  return [
    '',
    `  The lists are in ${join(folder, 'lists.ndjson')}. What to try next:`,
    `    ${program} recommend ${user} --checkpoints ${config.checkpoints}`,
    "        one user's list, and why it is so",
    ...(config.httpPort > 0
      ? []
      : [`    ${program} demo --http-port 9100`, '        the same with a live page beside it']),
    `    ${program} demo --data YOUR_EVENTS.tsv.gz`,
    '        your own: columns user, item, timestamp; or CSV, NDJSON, MovieLens',
    '',
  ].join('\n')
}

/** The user of the first list in a file of lists; undefined where there is none. */
export function firstListed(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  const head = Buffer.alloc(firstListBytes)
  const descriptor = openSync(file, 'r')
  const read = readSync(descriptor, head)
  closeSync(descriptor)
  const found = /"user":("(?:[^"\\]|\\.)*")/.exec(head.toString('utf8', 0, read))?.[1]
  return found === undefined ? undefined : (JSON.parse(found) as string)
}
