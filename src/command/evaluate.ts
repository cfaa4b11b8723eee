// `neupr-worker evaluate`: judges models offline on a log, by leave-one-out. It reads the log, asks src/lab and prints
// what comes back: the figures to stdout, the progress to stderr.

import type { Readable, Writable } from 'node:stream'
import { Command } from 'commander'
import { createWasmSequenceEngine } from '../adapters/wasm/sequence/engine.ts'
import { yieldToEventLoop } from '../io.ts'
import { type EpochReport, type OfflineResult, runOffline } from '../lab/offline/run.ts'
import {
  addEvaluateOptions,
  type EvaluateFlags,
  type EvaluateOptions,
  readEvaluateFlags,
} from './evaluate/flags.ts'
import { createProgress } from './evaluate/progress.ts'
import { readSplit, type SplitOptions } from './evaluate/split.ts'
import { resultTable } from './evaluate/table.ts'
import { openKernels } from './kernel-flags.ts'
import { readingSettingsOf } from './reading-flags.ts'

export interface EvaluateIo {
  readonly env: Record<string, string | undefined>
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number
  /** Monotonic milliseconds. */
  readonly elapsedMs: () => number
  /** Milliseconds of processor time that the process has used. */
  readonly processorMs: () => number
  /** Aborted when the process is told to stop: the figures known by then are printed. */
  readonly stop?: AbortSignal
}

export function evaluateCommand(io: EvaluateIo): Command {
  const command = new Command('evaluate').description(
    'judge models offline on a log: hold out the latest item of every user and look where it ranks',
  )
  return addEvaluateOptions(command).action(async (given: EvaluateFlags) => {
    const options = readEvaluateFlags(given)
    const progress = createProgress(io.stderr)
    const config = readingSettingsOf(given, io)
    const split = await readSplit(splitOptionsOf(options), {
      ...{ input: options.data, config, io, say: progress.say },
    })
    progress.say(
      `${split.users.length} users, ${split.items.length} items, ` +
        `${split.train.items.length} events to learn from`,
    )
    const results: OfflineResult[] = []
    const context = {
      engine: openKernels(given),
      sequences: createWasmSequenceEngine(),
      nowMs: io.elapsedMs,
      processorMs: io.processorMs,
      onEpoch: (report: EpochReport) => {
        progress.epoch(report)
        return yieldToEventLoop(io.stop)
      },
    }
    try {
      for await (const result of runOffline(split, options.request, context)) {
        progress.result(result)
        results.push(result)
        await yieldToEventLoop(io.stop)
      }
    } catch (cause) {
      if (!io.stop?.aborted) throw cause
    }
    progress.close()
    const text = given.json === true ? JSON.stringify(results) : resultTable(results)
    io.stdout.write(`${text}\n`)
  })
}

function splitOptionsOf(options: EvaluateOptions): SplitOptions {
  const { minimum, drawSeed, negatives, negativesFile, protocol } = options
  const common = { minimum, drawSeed }
  return protocol === 'ncf' ? { ...common, negativesFile } : { ...common, negatives }
}
