// `neupr-worker size`: what a worker will take of memory, disk and cores, before there is one.

import { Command } from 'commander'
import { readConfig } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import { neighbourBytesMin } from '../learn/parts/slot-room.ts'
import { type Footprint, footprintOf, type Population } from '../trainer/model/footprint.ts'

interface Flags {
  readonly users: string
  readonly items: string
  readonly positives: string
  readonly rate?: string
  readonly memory?: string
  readonly redis: boolean
  readonly json?: boolean
}

/** Measured on one core that others used, too: [items, ms to learn an event, ms to make a list]. */
const costs = [
  [3_000, 0.14, 0.4],
  [30_000, 0.33, 1.0],
  [100_000, 0.33, 2.6],
  [1_000_000, 0.52, 13],
] as const

export function sizeCommand(io: Io): Command {
  return new Command('size')
    .description(
      'the memory, disk and cores that a worker needs for given numbers of users and items',
    )
    .requiredOption('--users <n>', 'users that the model will hold')
    .requiredOption('--items <n>', 'items that it will hold')
    .requiredOption('--positives <n>', 'items in the positive set of a user, on the mean')
    .option('--rate <n>', 'events a second, each to be answered with a list')
    .option('--memory <bytes>', 'memory that there is: how much of it is left for neighbours')
    .option('--no-redis', 'positive sets lie in the worker, as they do where no Redis is named')
    .option('--json', 'as one JSON object')
    .action((flags: Flags) => {
      const { config } = readConfig({ flags: {}, env: io.env })
      const population = {
        users: numberOf('users', flags.users),
        items: numberOf('items', flags.items),
        positives: numberOf('positives', flags.positives),
      }
      const rate = flags.rate === undefined ? undefined : numberOf('rate', flags.rate)
      const needs = footprintOf(config, population, !flags.redis)
      const load = loadOf(population.items, rate)
      const memory = flags.memory === undefined ? undefined : numberOf('memory', flags.memory)
      const fit = memory === undefined ? undefined : fitOf(memory, config.itemsMax, needs)
      const told = [...refusalsOf(population, config), ...(fit === undefined ? [] : refusedBy(fit))]
      const text =
        flags.json === true
          ? `${JSON.stringify({ ...population, ...needs, ...load, ...fit, refused: told })}\n`
          : textOf(population, needs, load, fit, told)
      io.stdout.write(text)
    })
}

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number
  throw new Failure('SETTINGS_INVALID', `--${name} needs a number above 0, got ${text}`)
}

interface Load {
  readonly learnMs: number
  readonly listMs: number
  /** Events a second that one core learns and answers. */
  readonly rateMax: number
  readonly rate: number | undefined
  /** Of the trainer's core. */
  readonly share: number | undefined
  readonly cores: number
}

function loadOf(items: number, rate: number | undefined): Load {
  const [learnMs, listMs] = [costAt(items, 1), costAt(items, 2)]
  const rateMax = 1_000 / (learnMs + listMs)
  const share = rate === undefined ? undefined : rate / rateMax
  return { learnMs, listMs, rateMax, rate, share, cores: 2 }
}

/** Between two sizes that were measured, by their logarithms; beyond them in proportion to the last one. */
function costAt(items: number, column: 1 | 2): number {
  const next = costs.findIndex(([size]) => size >= items)
  if (next === 0) return costs[0][column]
  const last = costs.at(-1)!
  if (next < 0) return column === 1 ? last[1] : (last[2] * items) / last[0]
  const [low, high] = [costs[next - 1]!, costs[next]!]
  const along = Math.log(items / low[0]) / Math.log(high[0] / low[0])
  return low[column] * (high[column] / low[column]) ** along
}

/** Bounds that would have to be raised first. */
function refusalsOf(
  { users, items }: Population,
  { usersMax, itemsMax }: { readonly usersMax: number; readonly itemsMax: number },
): string[] {
  return [
    ...(users > usersMax ? [`--users-max is ${usersMax}: raise it to hold ${users} users`] : []),
    ...(items > itemsMax ? [`--items-max is ${itemsMax}: raise it to hold ${items} items`] : []),
  ]
}

/** Bytes: the least that `--neighbours-bytes-max` can be set to. */
const neighboursEver = 2 ** 20

interface Fit {
  /** Bytes. */
  readonly available: number
  /** With the smallest `--neighbours-bytes-max` that a worker starts with. */
  readonly least: number
  /** What is left for these, where not all have room; undefined: all have. 0: it is too little. */
  readonly neighboursBytesMax?: number
}

function fitOf(available: number, itemsMax: number, needs: Footprint): Fit {
  const others = needs.memory - needs.neighbours
  const least = others + Math.max(neighboursEver, itemsMax * neighbourBytesMin)
  if (available >= needs.memory) return { available, least }
  return {
    available,
    least,
    neighboursBytesMax: available < least ? 0 : Math.floor(available - others),
  }
}

function refusedBy({ available, least, neighboursBytesMax }: Fit): string[] {
  if (neighboursBytesMax !== 0) return []
  return [
    `${inBytes(available)} of memory are too little by ${inBytes(least - available)}, ` +
      'even with the fewest neighbours: hold fewer users or items, or set a lower NEUPR_FACTORS',
  ]
}

function fitText({ neighboursBytesMax }: Fit): string {
  if (neighboursBytesMax === undefined) return 'are enough'
  return `are enough with --neighbours-bytes-max ${neighboursBytesMax}`
}

function textOf(
  { users, items, positives }: Population,
  { process, perUser, perItem, neighbours, memory, checkpoint }: Footprint,
  { learnMs, listMs, rateMax, rate, share, cores }: Load,
  fit: Fit | undefined,
  refused: readonly string[],
): string {
  const line = (name: string, value: string, of = '') =>
    `${name.padEnd(14)}${value.padStart(9)}  ${of}`
  return `${[
    line('memory', inBytes(memory)),
    line('  the program', inBytes(process)),
    line(
      '  users',
      inBytes(users * perUser),
      `${Math.round(perUser)} bytes each, with ${positives} positives`,
    ),
    line('  items', inBytes(items * perItem), `${Math.round(perItem)} bytes each`),
    line('  neighbours', inBytes(neighbours), 'of all items, at most'),
    line('checkpoint', inBytes(checkpoint), `on disk up to ${inBytes(6 * checkpoint)}`),
    line('cores', String(cores), 'one learns and ranks, one does everything else'),
    line('an event', `${learnMs.toFixed(2)} ms`, 'to learn'),
    line(
      'a list',
      `${listMs.toFixed(2)} ms`,
      `so at most ${Math.floor(rateMax)} events a second have a list each`,
    ),
    ...(rate === undefined || share === undefined
      ? []
      : [line('at', `${rate}/s`, loadText(share))]),
    ...(fit === undefined || fit.neighboursBytesMax === 0
      ? []
      : [line('of memory', inBytes(fit.available), fitText(fit))]),
    ...refused,
  ]
    .map((text) => text.trimEnd())
    .join('\n')}\n`
}

function loadText(share: number): string {
  const percent = `${Math.round(100 * share)} % of the core that learns and ranks`
  if (share <= 0.8) return percent
  return `${percent}: lists will be late; a longer --list-pause-ms makes fewer of them`
}

function inBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`
}
