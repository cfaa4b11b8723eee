// `neupr-worker demo`: the whole worker on a made-up world whose truth is known, or on a file of real events. Needs
// nothing but this program; leaves its lists and checkpoints in a folder it names at the end.

import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { readChunks } from '../adapters/file/bytes/chunks.ts'
import { TornInput, unpacked } from '../adapters/file/bytes/unpack.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import type { EventSource } from '../ports/event-source.ts'
import type { Logger } from '../ports/logger.ts'
import { settings } from '../settings/all.ts'
import { flagOf } from '../settings/setting.ts'
import type { Interaction, SourceRecord } from '../types.ts'
import type { WorkerOptions } from '../worker/options.ts'
import { createProgress } from '../worker/progress.ts'
import { grouped, type Summary, summaryText } from '../worker/summary.ts'
import { createWorld, type World } from '../world/world.ts'
import { closing, firstListed, opening, truthText } from './demo/texts.ts'
import { addKeepPage, type KeepPageFlags, keepsPage, runToEnd, stayText } from './keep-page.ts'
import { addSettings, settingsOf } from './settings-flags.ts'
import { ofReading, settingsOfFiles, settingsRead, untouchedByDemo } from './settings-read.ts'

interface DemoFlags extends KeepPageFlags {
  readonly data?: string
  readonly events?: string
  readonly summary?: string
}

/** What a reader types: the installed program, or that of a clone. */
const isInstalled = /[\\/]node_modules[\\/]/.test(import.meta.filename)
const program = isInstalled ? 'neupr-worker' : 'node dist/bin/main.js'
/** Of the made-up world. */
const eventsMin = 1_000
const eventsMax = 10_000_000

export function demoCommand(io: Io, loggerFor: (config: Config) => Logger): Command {
  const command = new Command('demo')
    .description('watch the worker learn, embedded: a made-up world, or your own events')
    .option(
      '--data <file>',
      'events to learn from instead: TSV, CSV, `::` or JSON, plain, gzip or zstd',
    )
    .option('--events <n>', 'events of the made-up world', '120000')
    .option('--summary <file>', 'write the numbers of the run as JSON at the end')
  addKeepPage(command, 'where --http-port is a flag')
  return addSettings(command, settingsRead.demo).action(
    async (flags: DemoFlags & Record<string, unknown>) => {
      checkFlags(flags)
      const folder = mkdtempSync(join(tmpdir(), 'neupr-demo-'))
      const config = settingsOf(flags, io, {
        ...Object.fromEntries(untouchedByDemo.map((name) => [name, settings[name].default])),
        source: `file:${flags.data ?? '-'}`,
        sink: `file:${join(folder, 'lists.ndjson')}`,
        checkpoints: join(folder, 'checkpoints'),
        // In a terminal the bar tells how it goes, elsewhere lines of the log do.
        logLevel: io.stderr.isTTY === true ? 'warn' : 'info',
        // Lists soon after their events, as on a live stream: what is only read does not wait in a long queue.
        batchRecordsMax: 100,
        queueEventsMax: 300,
      })
      const events = eventsOf(flags.events)
      const world =
        flags.data === undefined ? createWorld({ seed: config.seed, events }) : undefined
      const total = flags.data === undefined ? events : await countLines(flags.data)
      io.stdout.write(opening(world, flags.data))
      const keepPage = keepsPage(flags, config, true)
      await play({ config, world, total, io, logger: loggerFor(config) }, keepPage, (summary) => {
        if (flags.summary !== undefined) {
          writeFileSync(flags.summary, `${JSON.stringify(summary, null, 2)}\n`)
        }
        const user = firstListed(join(folder, 'lists.ndjson'))
        io.stdout.write(closing({ folder, config, user, program }))
      })
    },
  )
}

/** @throws Failure SETTINGS_INVALID for what would mean nothing. */
function checkFlags(flags: DemoFlags & Record<string, unknown>): void {
  const ofFile = flags.data === undefined ? [...ofReading, ...settingsOfFiles] : []
  const unused = ofFile.filter((name) => flags[name] !== undefined)
  if (unused.length === 0) return
  const named = unused.map(flagOf).join(', ')
  const advice = 'give --data FILE as well, or leave it out'
  throw new Failure('SETTINGS_INVALID', `${named}: there is no file to read: ${advice}`)
}

function eventsOf(flag = ''): number {
  const events = Number(flag)
  if (Number.isSafeInteger(events) && events >= eventsMin && events <= eventsMax) return events
  const range = `${grouped(eventsMin)} … ${grouped(eventsMax)}`
  throw new Failure('SETTINGS_INVALID', `--events is "${flag}", expected a number in ${range}`)
}

interface Play {
  readonly config: Config
  readonly world: World | undefined
  /** Events to come, where that is known. */
  readonly total: number | undefined
  readonly io: Io
  readonly logger: Logger
}

async function play(
  { config, world, total, io, logger }: Play,
  keepPage: boolean,
  onEnd: (summary: Summary) => void,
): Promise<void> {
  const taken = new Map<string, number>()
  let truth = ''
  const progress = createProgress(io, logger, total)
  const source = world === undefined ? {} : { source: worldSource(world, config, taken) }
  const options: WorkerOptions = {
    ...{ config, io, logger, ...source, fresh: true, stopAtEnd: true },
    ...progress.ofWorker,
    atEnd: async (trainer) => {
      if (world !== undefined) truth = await truthText(world, trainer, taken)
    },
  }
  await runToEnd(options, keepPage, (summary, page) => {
    progress.end()
    io.stdout.write(truth)
    io.stdout.write(summaryText(summary, { parts: false }))
    onEnd(summary)
    if (page !== undefined) io.stdout.write(`\n  ${stayText(page)}\n`)
  }).finally(() => progress.end())
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

/** A longer file would keep a person waiting; its bar has no end. */
const bytesMax = 500_000_000
const lineFeed = 10

/**
 * How many lines a file has, plain or packed, so that the bar knows its end; undefined for what is not one file of
 * moderate size. @throws Failure SOURCE_UNREADABLE
 */
async function countLines(path: string): Promise<number | undefined> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true || found.size > bytesMax) return undefined
  let lines = 0
  try {
    for await (const chunk of unpacked(readChunks(path), path)) {
      for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) lines++
    }
  } catch (error) {
    // What could be unpacked is read; the run puts the rest to the dead letters.
    if (!(error instanceof TornInput)) throw error
  }
  return lines
}
