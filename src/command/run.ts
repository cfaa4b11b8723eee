// `neupr-worker run`: the main job, from a source to a sink until the source ends or somebody stops it.

import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Config } from '../config.ts'
import type { Io } from '../io.ts'
import type { Logger } from '../ports/logger.ts'
import type { WorkerOptions } from '../worker/options.ts'
import { createProgress } from '../worker/progress.ts'
import { type Summary, summaryText } from '../worker/summary.ts'
import { addKeepPage, type KeepPageFlags, keepsPage, runToEnd, stayText } from './keep-page.ts'
import { addSettings, settingsOf } from './settings-flags.ts'
import { settingsRead } from './settings-read.ts'

interface RunFlags extends KeepPageFlags {
  readonly fresh?: boolean
  readonly stopAtEnd?: boolean
  readonly summary?: string
}

/** `loggerFor` makes the logger once the settings are known. */
export function runCommand(io: Io, loggerFor: (config: Config) => Logger): Command {
  const command = new Command('run')
    .description('learn from events and write lists, until the source ends or Ctrl-C')
    .option('--fresh', 'start over, whatever checkpoints are there')
    .option('--stop-at-end', 'stop at what is there now; do not wait for more')
    .option('--summary <file>', 'write the numbers of the run as JSON at the end')
  addKeepPage(command, 'in a terminal, where --http-port is a flag')
  return addSettings(command, settingsRead.run).action(
    async (flags: RunFlags & Record<string, unknown>) => {
      const settings = settingsOf(flags, io)
      const stopAtEnd = flags.stopAtEnd === true
      // What has an end can wait to be learned.
      const waits = stopAtEnd && settings.overload === 'auto'
      const config: Config = waits ? { ...settings, overload: 'wait' } : settings
      const keepPage = keepsPage(flags, config, io.stderr.isTTY === true)
      const logger = loggerFor(config)
      const progress = createProgress(io, logger, undefined)
      const options: WorkerOptions = {
        ...{ config, io, logger },
        fresh: flags.fresh === true,
        stopAtEnd,
        ...progress.ofWorker,
      }
      await runToEnd(options, keepPage, (summary, page) => {
        progress.end()
        tell(summary, flags.summary, io)
        if (page === undefined) return
        if (io.stderr.isTTY === true) io.stderr.write(`\n  ${stayText(page)}\n`)
        else logger.info(stayText(page))
      }).finally(() => progress.end())
    },
  )
}

/** The table goes to people, the file to programs; standard output is left to the lists. */
export function tell(summary: Summary | undefined, file: string | undefined, io: Io): void {
  if (summary === undefined) return
  if (io.stderr.isTTY === true) io.stderr.write(summaryText(summary))
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`)
}
