// `neupr-worker rebuild --from earliest`: reads the whole input again, into a store that lost its past and into a new
// model, and ends at the end of what is there. Events only ever add what is missing: what the store has, it keeps. The
// model of a group with an update log is kept: the log says what of the input it has learned.

import { Command } from 'commander'
import { kafkaConnection } from '../adapters/kafka/from-settings.ts'
import { resetToEarliest } from '../adapters/kafka/reset-offsets.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Logger } from '../ports/logger.ts'
import { placeOf } from '../worker/open.ts'
import { createProgress } from '../worker/progress.ts'
import { runWorker } from '../worker/worker.ts'
import { tell } from './run.ts'
import { addSettings, settingsOf } from './settings-flags.ts'
import { settingsRead } from './settings-read.ts'

const keepsModel =
  'the model of the group is kept: what the update log says was learned is stored again, and not learned again'

interface RebuildFlags {
  readonly from: string
  readonly summary?: string
}

export function rebuildCommand(io: Io, loggerFor: (config: Config) => Logger): Command {
  const command = new Command('rebuild')
    .description('read the whole topic again: for a positive store that lost its past')
    .requiredOption('--from <where>', 'earliest: the first record that the topic still has')
    .option('--summary <file>', 'write the numbers of the run as JSON at the end')
  return addSettings(command, settingsRead.rebuild).action(
    async (flags: RebuildFlags & Record<string, unknown>) => {
      if (flags.from !== 'earliest') {
        throw new Failure('SETTINGS_INVALID', `--from is ${flags.from}, expected earliest`)
      }
      const { from: _, ...settings } = flags
      const config = settingsOf(settings, io)
      const source = placeOf('source', config.source)
      if (source.scheme !== 'kafka') {
        const advice = 'a file is read whole by `run --fresh`'
        throw new Failure(
          'SETTINGS_INVALID',
          `rebuild reads a topic, expected kafka:TOPIC: ${advice}`,
        )
      }
      const logger = loggerFor(config)
      if (config.updates !== '') logger.info(keepsModel, { updates: config.updates })
      await resetToEarliest(kafkaConnection(config, logger), config.kafkaGroup, source.name)
      const progress = createProgress(io, logger, undefined)
      const summary = await runWorker({
        ...{ config, io, logger, fresh: true, stopAtEnd: true, rebuilding: true },
        ...progress.ofWorker,
      }).finally(() => progress.end())
      tell(summary, flags.summary, io)
    },
  )
}
