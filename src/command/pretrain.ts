// `neupr-worker pretrain`: learns a log of the past and leaves a checkpoint that `run` goes live from. The fused model
// learns as on a live stream, then replays; the paper's network alone is trained to convergence.

import { Command } from 'commander'
import { createWasmSequenceEngine } from '../adapters/wasm/sequence/engine.ts'
import { createRetrying } from '../app/retry.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import { type Io, yieldToEventLoop } from '../io.ts'
import { configOfReading, converge, replayPass, startingPoint } from '../lab/pretrain/warm-start.ts'
import { isPaper } from '../paper/paper-network.ts'
import type { Logger } from '../ports/logger.ts'
import { createRandom } from '../sample/random.ts'
import { createCore } from '../trainer/loop/core.ts'
import { openEngine, prepareEngine } from '../worker/engine.ts'
import { createOutageTelling } from '../worker/failing.ts'
import { createProgress } from '../worker/progress.ts'
import { idsOf, openStore, readState } from '../worker/state.ts'
import { summaryOf } from '../worker/summary.ts'
import { createProgress as createEpochs } from './evaluate/progress.ts'
import { createFlagReader } from './flag-reader.ts'
import { readPast } from './pretrain/read.ts'
import { type PretrainSummary, pretrainText } from './pretrain/summary.ts'
import { addSettings, settingsOf } from './settings-flags.ts'
import { settingsRead } from './settings-read.ts'

export function pretrainCommand(io: Io, loggerFor: (config: Config) => Logger): Command {
  const command = new Command('pretrain')
    .description(
      'learn a log of the past and write a checkpoint for `run` to start from. The default parts ' +
        'learn every event as it came, then replay; --parts rows trains the network of the paper to convergence, ' +
        'NeuPR from NBPR and DNCR joined by --alpha',
    )
    .requiredOption(
      '--data <file>',
      'the log: TSV, CSV, `::` or JSON, plain, gzip or zstd; - for standard input',
    )
    .option(
      '--passes <count>',
      'passes of replays after the first reading (not with --parts rows)',
      '1',
    )
    .option('--alpha <share>', '--parts rows --model neupr: weight of NBPR in the union', '0.5')
    .option('--epochs <count>', '--parts rows: most epochs of each network', '60')
    .option(
      '--patience <epochs>',
      '--parts rows: epochs without a better validation before the end',
      '3',
    )
    .option('--fresh', 'start over where the directory holds checkpoints already')
    .option('--json', 'print the summary as JSON')
  return addSettings(command, settingsRead.pretrain).action(
    async (flags: PretrainFlags & Record<string, unknown>) => {
      const asked = readPretrainFlags(flags)
      const { source: _, ...settings } = flags
      const config = settingsOf(settings, io, { source: `file:${asked.data}` })
      const summary = await pretrain(config, asked, io, loggerFor(config))
      io.stdout.write(asked.json ? `${JSON.stringify(summary)}\n` : pretrainText(summary, config))
    },
  )
}

type Asked = ReturnType<typeof readPretrainFlags>

async function pretrain(
  config: Config,
  asked: Asked,
  io: Io,
  logger: Logger,
): Promise<PretrainSummary> {
  const startedMs = io.elapsedMs()
  const { checkpoints, resume, nextGeneration, claimCheckpoints } = await readState({
    config,
    logger,
    fresh: asked.fresh,
  })
  if (resume !== undefined) {
    const advice = 'name another directory with --checkpoints, or start over with --fresh'
    throw new Failure(
      'SETTINGS_INVALID',
      `${config.checkpoints} holds checkpoint ${resume.generation} already: ${advice}`,
    )
  }
  const jitter = createRandom(config.seed, 'jitter')
  const retrying = createRetrying({
    ...{ signal: io.stop, unit: jitter.unit, pause: io.pause },
    onOutage: createOutageTelling(logger, io.elapsedMs),
  })
  prepareEngine(config, io.env)
  const { engine } = await openEngine(config)
  const engines = { engine, sequences: createWasmSequenceEngine() }
  const reading = configOfReading(config)
  const core = createCore({ config: reading, engine, versionBase: undefined })
  const ids = idsOf(config, undefined)
  const around = { config, io, logger, retrying, resume: undefined, rebuilding: undefined }
  const { store, open, mark } = await openStore(around)
  await open(await claimCheckpoints())
  const progress = createProgress(io, logger, undefined)
  try {
    const unused = await readPast({
      ...{ config: reading, io, logger, retrying, store, core, ids },
      async onBatch(records) {
        progress.records(records)
        progress.stats(core.stats(false))
        await yieldToEventLoop(io.stop)
      },
    })
    progress.end()
    core.input.storeMark = mark?.()
    const first = summaryOf(core.stats(true), 0, 0, config.measureActions)
    const kept = isPaper(config) ? await train() : await replay()
    core.takeForgotten()
    const saved = await checkpoints.save(startingPoint(core, config, nextGeneration))
    const seconds = (io.elapsedMs() - startedMs) / 1000
    return {
      ...{ first, unused, kept, seconds },
      ...saved,
      passes: asked.passes,
      checkpoints: config.checkpoints,
    }
  } finally {
    progress.end()
    await store.close()
  }

  async function train(): Promise<number> {
    const epochs = createEpochs(io.stderr)
    const { alpha, epochs: epochsMax, patience } = asked
    const onEpoch = async (report: Parameters<typeof epochs.epoch>[0]) => {
      epochs.epoch(report)
      await yieldToEventLoop(io.stop)
    }
    const epoch = await converge(core, config, engines, { alpha, epochsMax, patience, onEpoch })
    epochs.close()
    return epoch
  }

  async function replay(): Promise<undefined> {
    for (let pass = 1; pass <= asked.passes; pass++) {
      logger.info('replaying', { pass, of: asked.passes })
      for (const _ of replayPass(core)) await yieldToEventLoop(io.stop)
    }
  }
}

/** Those that are not settings, as commander gives them: texts. */
interface PretrainFlags {
  readonly data: string
  readonly passes: string
  readonly alpha: string
  readonly epochs: string
  readonly patience: string
  readonly fresh?: boolean
  readonly json?: boolean
}

/** @throws Failure SETTINGS_INVALID with every fault. */
function readPretrainFlags(flags: PretrainFlags) {
  const flag = createFlagReader()
  const asked = {
    data: flags.data,
    passes: flag.whole('passes', flags.passes, 0, 1_000),
    alpha: flag.number('alpha', flags.alpha, 0, 1),
    epochs: flag.whole('epochs', flags.epochs, 1, 10_000),
    patience: flag.whole('patience', flags.patience, 1, 10_000),
    fresh: flags.fresh === true,
    json: flags.json === true,
  }
  flag.check()
  return asked
}
