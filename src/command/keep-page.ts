// Whether the status page stays open after the end of the work, until Ctrl-C: where a person asked for the page. What a
// script started ends by itself.

import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { WorkerOptions } from '../worker/options.ts'
import type { Summary } from '../worker/summary.ts'
import { runWorker } from '../worker/worker.ts'

export interface KeepPageFlags {
  readonly keepPage?: boolean
  readonly httpPort?: unknown
}

/** `when`: what holds where neither flag is given. */
export function addKeepPage(command: Command, when: string): Command {
  return command
    .option('--keep-page', `keep the status page open at the end, until Ctrl-C (default: ${when})`)
    .option('--no-keep-page', 'end when the work ends, also where --http-port is given')
}

/** `asked`: whether a port among the flags, not in the environment, is enough. @throws Failure SETTINGS_INVALID */
export function keepsPage(flags: KeepPageFlags, config: Config, asked: boolean): boolean {
  if (flags.keepPage === true && config.httpPort === 0) {
    throw new Failure('SETTINGS_INVALID', '--keep-page needs a page: give --http-port as well')
  }
  return flags.keepPage ?? (flags.httpPort !== undefined && asked)
}

/** Runs a worker and tells its end, once: before the page is kept open, where it is. */
export async function runToEnd(
  options: WorkerOptions,
  keepPage: boolean,
  tell: (summary: Summary, page?: string) => void,
): Promise<void> {
  const { stop } = options.io
  let told = false
  const stay: WorkerOptions['stay'] = async (summary, page) => {
    told = true
    tell(summary, page)
    if (stop.aborted) return
    await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))
  }
  const summary = await runWorker({ ...options, ...(keepPage && { stay }) })
  if (summary !== undefined && !told) tell(summary)
}

export function stayText(page: string): string {
  return `finished, the page stays at ${page} until Ctrl-C`
}
