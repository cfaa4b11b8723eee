// `neupr-worker evaluate`: models judged offline on a log, by leave-one-out. Thin: reads, asks src/evaluate, prints
// what comes. The figures go to stdout, everything about the way there to stderr.

import type { Writable } from 'node:stream'
import { Command } from 'commander'
import { createWasmSequenceEngine } from '../adapters/wasm/sequence/engine.ts'
import { type Split, splitNcf, splitNcr } from '../lab/offline/leave-one-out.ts'
import { type EpochReport, type OfflineResult, runOffline } from '../lab/offline/run.ts'
import { createRandom } from '../sample/random.ts'
import { createBreath } from './breath.ts'
import { addEvaluateOptions, type EvaluateFlags, readEvaluateFlags } from './evaluate/flags.ts'
import { createProgress } from './evaluate/progress.ts'
import { readHeldOut, readRows } from './evaluate/rows.ts'
import { resultTable } from './evaluate/table.ts'
import { openKernels } from './kernel-flags.ts'

export interface EvaluateIo {
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** Monotonic milliseconds. */
  readonly elapsedMs: () => number
  /** Milliseconds of processor time that the process has used. */
  readonly processorMs: () => number
  /** Aborted when the process is told to stop: the figures there are by then are printed. */
  readonly stop?: AbortSignal
}

export function evaluateCommand(io: EvaluateIo): Command {
  const command = new Command('evaluate').description(
    'judge models offline on a log: hold out the latest item of every user and look where it ranks',
  )
  return addEvaluateOptions(command).action(async (given: EvaluateFlags) => {
    const options = readEvaluateFlags(given)
    const split = await readSplit(options, io)
    const progress = createProgress(io.stderr)
    progress.say(
      `${split.users.length} users, ${split.items.length} items, ` +
        `${split.train.items.length} events to learn from`,
    )
    const results: OfflineResult[] = []
    const breath = createBreath(io.stop)
    const context = {
      engine: openKernels(given),
      sequences: createWasmSequenceEngine(),
      nowMs: io.elapsedMs,
      processorMs: io.processorMs,
      onEpoch: (report: EpochReport) => {
        progress.epoch(report)
        return breath()
      },
    }
    try {
      for await (const result of runOffline(split, options.request, context)) {
        progress.result(result)
        results.push(result)
        await breath()
      }
    } catch (cause) {
      if (!io.stop?.aborted) throw cause
    }
    progress.close()
    const text = given.json === true ? JSON.stringify(results) : resultTable(results)
    io.stdout.write(`${text}\n`)
  })
}

type Read = ReturnType<typeof readEvaluateFlags>

async function readSplit(options: Read, io: EvaluateIo): Promise<Split> {
  const { rows, leftOut } = await readRows(options.data, io.elapsedMs)
  if (leftOut > 0) {
    io.stderr.write(`left out ${leftOut} lines that are not additions with user, item and time\n`)
  }
  if (options.protocol === 'ncf') return splitNcf(rows, await readHeldOut(options.negativesFile))
  return splitNcr(rows, createRandom(options.drawSeed, 'evaluate.negatives'), {
    minimum: options.minimum,
    negatives: options.negatives,
  })
}
