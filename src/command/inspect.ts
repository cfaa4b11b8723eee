// `neupr-worker inspect`: what is in a checkpoint, in facts and sizes.

import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Command } from 'commander'
import { readConfig } from '../config.ts'
import type { Io } from '../worker/io.ts'
import { renderJson, renderText, summarize } from './checkpoint-summary.ts'
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
      const summary = summarize(checkpoint, madeOf)
      const text =
        flags.json === true ? renderJson(summary) : renderText(summary, { all: flags.all === true })
      io.stdout.write(`${text}\n`)
    })
}

/** A path to one generation means the directory it is in. */
function directoryOf(path: string): string {
  const isGeneration = /^checkpoint-\d{9}$/.test(basename(path)) && existsSync(path)
  return isGeneration ? dirname(path) : path
}
