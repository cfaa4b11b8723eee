// `neupr-worker demo`: the whole worker on a made-up world whose truth is known, or on a file of real events. Needs
// nothing but this program; leaves its lists and checkpoints in a folder it names at the end.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Config } from '../config.ts'
import { createWorld, type World } from '../evaluate/world.ts'
import type { EventSource } from '../ports/event-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { Trainer } from '../ports/trainer.ts'
import type { Interaction, SourceRecord } from '../types.ts'
import type { Io } from './io.ts'
import { addSettings, settingsOf } from './settings-flags.ts'
import { grouped, type Summary, summaryText } from './summary.ts'
import { createProgress } from './worker/progress.ts'
import { runWorker } from './worker/worker.ts'

interface DemoFlags {
  readonly data?: string
  readonly events?: string
  readonly summary?: string
}

/** Users whose lists are held against the truth. */
const usersChecked = 1_000
const msPerDay = 86_400_000
const listLength = 10

export function demoCommand(io: Io, loggerFor: (config: Config) => Logger): Command {
  const command = new Command('demo')
    .description('watch the worker learn, embedded: a made-up world, or your own events')
    .option(
      '--data <file>',
      'events to learn from instead: TSV, CSV, NDJSON or MovieLens, gzip too',
    )
    .option('--events <n>', 'events of the made-up world', '120000')
    .option('--summary <file>', 'write the numbers of the run as JSON at the end')
  return addSettings(command).action(async (flags: DemoFlags & Record<string, unknown>) => {
    const folder = mkdtempSync(join(tmpdir(), 'neupr-demo-'))
    const config = settingsOf(flags, io, {
      source: `file:${flags.data ?? '-'}`,
      sink: `file:${join(folder, 'lists.ndjson')}`,
      checkpoints: join(folder, 'checkpoints'),
      logLevel: 'warn',
      // Lists soon after their events, as on a live stream: what is only read does not wait in a long queue.
      queueEventsMax: 2_000,
    })
    const events = Number(flags.events)
    const world = flags.data === undefined ? createWorld({ seed: config.seed, events }) : undefined
    io.stdout.write(opening(world, flags.data))
    const summary = await play(config, world, io, loggerFor(config))
    if (flags.summary !== undefined) {
      writeFileSync(flags.summary, `${JSON.stringify(summary, null, 2)}\n`)
    }
    io.stdout.write(closing(folder, config, world))
  })
}

async function play(
  config: Config,
  world: World | undefined,
  io: Io,
  logger: Logger,
): Promise<Summary> {
  const taken = new Map<string, number>()
  let truth = ''
  const progress = createProgress(io, logger, world?.options.events)
  const source = world === undefined ? {} : { source: worldSource(world, config, taken) }
  const summary = await runWorker({
    ...{ config, io, logger, ...source, fresh: true, stopAtEnd: true },
    onBatch: ({ consumed }) => progress.records(consumed),
    onReport: (report) => {
      if (report.kind === 'stats') progress.stats(report.stats)
    },
    atEnd: async (trainer) => {
      if (world !== undefined) truth = await truthText(world, trainer, taken)
    },
  }).finally(() => progress.end())
  io.stdout.write(summaryText(summary))
  io.stdout.write(truth)
  return summary
}

/** The events of the world as records, made as they are read. */
function worldSource(world: World, config: Config, taken: Map<string, number>): EventSource {
  const events = world.interactions()
  let offset = 0
  return {
    async readBatch(signal) {
      const records: SourceRecord[] = []
      while (records.length < config.batchRecordsMax && !signal.aborted) {
        const next = events.next()
        if (next.done === true) break
        count(taken, next.value)
        const value = Buffer.from(JSON.stringify(next.value))
        records.push({ position: { stream: 'world', offset: offset++ }, key: null, value })
      }
      return records.length === 0 ? undefined : { records, ack: async () => undefined }
    },
    lag: () => world.options.events - offset,
    close: async () => undefined,
  }
}

function count(taken: Map<string, number>, { item, action }: Interaction): void {
  taken.set(item, (taken.get(item) ?? 0) + (action === 'ADD' ? 1 : -1))
}

function opening(world: World | undefined, data: string | undefined): string {
  if (world === undefined)
    return `\n  Learning from ${data}, every event predicted before it is learned.\n\n`
  const { users, items, events } = world.options
  return (
    `\n  A made-up world of ${grouped(users)} people and ${grouped(items)} items: drifting tastes, visits,\n` +
    `  new items, fashions. The worker sees its ${grouped(events)} events once, in order, and knows nothing else.\n\n`
  )
}

/** Lists for the moment the world ends, against what the world knows: the chance that the next item is among them. */
async function truthText(
  world: World,
  trainer: Trainer,
  taken: ReadonlyMap<string, number>,
): Promise<string> {
  const { startMs, days } = world.options
  const at = startMs + days * msPerDay
  const popular = [...taken].sort((a, b) => b[1] - a[1]).map(([item]) => item)
  const sums = { best: 0, ours: 0, popular: 0, found: 0, users: 0 }
  for (const user of world.users.slice(0, usersChecked)) {
    const list = await trainer.ask({ kind: 'explain', user, k: listLength, at })
    if (list === undefined) continue
    const truth = world.trueTop(user, listLength)
    const free = new Set(world.trueTop(user, world.items.length))
    const ours = list.items.map(({ item }) => item)
    sums.best += world.chance(user, truth)
    sums.ours += world.chance(user, ours)
    sums.popular += world.chance(
      user,
      popular.filter((item) => free.has(item)).slice(0, listLength),
    )
    sums.found += ours.filter((item) => truth.includes(item)).length / listLength
    sums.users++
  }
  const share = (sum: number) => `${((100 * sum) / Math.max(1, sums.users)).toFixed(1)} %`
  return (
    `\n  Here the truth is known. The chance that a user's next item is among ten (${grouped(sums.users)} users):\n` +
    `    the ten best there are ${share(sums.best)}, the worker's list ${share(sums.ours)}, ` +
    `the ten most popular ${share(sums.popular)}\n` +
    `  Of the true top ten the lists hold ${share(sums.found)}.\n`
  )
}

function closing(folder: string, config: Config, world: World | undefined): string {
  const user = world?.users[0] ?? 'USER'
  const command = 'node dist/src/main.js'
  return [
    '',
    `  The lists are in ${join(folder, 'lists.ndjson')}. What to try next:`,
    '',
    `    ${command} recommend ${user} --checkpoints ${config.checkpoints}`,
    `    ${command} inspect ${config.checkpoints}`,
    `    ${command} demo --data YOUR_EVENTS.tsv.gz        (user, item, timestamp in columns)`,
    `    ${command} run --source file:EVENTS.ndjson --sink file:LISTS.ndjson --checkpoints DIR`,
    '',
    '',
  ].join('\n')
}
