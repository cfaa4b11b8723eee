// `neupr-worker inspect`: what is in a checkpoint, in facts and sizes.

import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Command } from 'commander'
import { type Config, readConfig } from '../config.ts'
import type { Io } from '../io.ts'
import { modelSettingsOf } from '../trainer/loop/state.ts'
import { footprintOf, waitingBytes } from '../trainer/model/footprint.ts'
import { type CheckpointSummary, renderJson, renderText, summarize } from './checkpoint-summary.ts'
import { newestFound } from './checkpoints.ts'

export function inspectCommand(io: Io): Command {
  return new Command('inspect')
    .description('what the newest checkpoint of a directory holds')
    .argument('[checkpoints]', 'the directory of the checkpoints')
    .option('--json', 'as one JSON object, with every tensor')
    .option('--all', 'every tensor on a line of its own, numbered ones too')
    .action(async (given: string | undefined, flags: { json?: boolean; all?: boolean }) => {
      const { config } = readConfig({ flags: {}, env: io.env })
      const checkpoints = directoryOf(given ?? config.checkpoints)
      const { checkpoint, madeOf } = await newestFound({ ...config, checkpoints })
      const found = summarize(checkpoint, madeOf)
      const memory = memoryOf(found, { ...config, ...modelSettingsOf(checkpoint) })
      const summary = { ...found, memory }
      const text =
        flags.json === true
          ? renderJson(summary)
          : `${renderText(summary, { all: flags.all === true })}\n${memoryText(memory)}`
      io.stdout.write(`${text}\n`)
    })
}

/** A path to one generation means the directory it is in. */
function directoryOf(path: string): string {
  const isGeneration = /^checkpoint-\d{9}$/.test(basename(path)) && existsSync(path)
  return isGeneration ? dirname(path) : path
}

/** What a worker with this checkpoint takes of memory. */
function memoryOf({ facts, texts, tensors }: CheckpointSummary, config: Config) {
  const count = (name: string) => texts.find((one) => one.name === name)?.count ?? 0
  const [users, items] = [count('users'), count('items')]
  const positives = users === 0 ? 0 : Number(facts.positives ?? 0) / users
  const { process, perUser, perItem } = footprintOf(
    config,
    { users, items, positives },
    config.redis === '',
  )
  const neighbours = tensors.find(({ name }) => name === 'neighbours.arena')?.bytes ?? 0
  const rows = (name: string) => tensors.find((one) => one.name === name)?.shape[0] ?? 0
  const waiting = waitingBytes * rows('lists.waiting')
  const all = process + users * perUser + items * perItem + neighbours + waiting
  return { all, process, perUser, perItem, neighbours, waiting }
}

function memoryText(memory: ReturnType<typeof memoryOf>) {
  const { all, process, perUser, perItem, neighbours, waiting } = memory
  const mega = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`
  const each = `a user ${Math.round(perUser)} B, an item ${Math.round(perItem)} B`
  const rest = `the neighbours of all items ${mega(neighbours)}, the program ${mega(process)}`
  const due = waiting === 0 ? '' : `, users who wait for a list ${mega(waiting)}`
  return `in memory: about ${mega(all)}; ${each}, ${rest}${due}`
}
