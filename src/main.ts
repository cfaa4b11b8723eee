#!/usr/bin/env node
// The process: arguments, environment, signals, exit codes. Everything else is in the commands.

import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { createRedactor } from './adapters/log/facts.ts'
import { createLogger, type RootLogger } from './adapters/log/logger.ts'
import { configCommand } from './command/config.ts'
import { demoCommand } from './command/demo.ts'
import { dlqCommand } from './command/dlq.ts'
import { doctorCommand } from './command/doctor.ts'
import { evaluateCommand } from './command/evaluate.ts'
import { exportCommand } from './command/export.ts'
import { addHelp } from './command/help.ts'
import { inspectCommand } from './command/inspect.ts'
import { prequentialCommand } from './command/prequential.ts'
import { pretrainCommand } from './command/pretrain.ts'
import { previewCommand } from './command/preview.ts'
import { produceCommand } from './command/produce.ts'
import { rebuildCommand } from './command/rebuild.ts'
import { recommendCommand } from './command/recommend.ts'
import { runCommand } from './command/run.ts'
import { secretsInEnvironment, secretsOf } from './command/secrets.ts'
import { similarCommand } from './command/similar.ts'
import { studyCommand } from './command/study.ts'
import { tailCommand } from './command/tail.ts'
import { topicsCommand } from './command/topics.ts'
import { tuneCommand } from './command/tune.ts'
import { programVersion } from './command/version.ts'
import type { Config } from './config.ts'
import { Failure } from './errors.ts'
import type { Io } from './worker/io.ts'

/** From the first wish to stop until the process ends, whatever hangs. */
const shutdownMsMax = 25_000
const lingerMsMax = 2_000

const stopping = new AbortController()
const io: Io = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  nowMs: Date.now,
  elapsedMs: performance.now.bind(performance),
  processorMs: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  pause: async (ms, signal) =>
    void (await sleep(ms, undefined, signal === undefined ? {} : { signal })),
  stop: stopping.signal,
  exitAfterGrace: (exitCode) =>
    void setTimeout(() => process.exit(exitCode), shutdownMsMax).unref(),
}
const loggers: RootLogger[] = []
/** Grows when the settings are read. */
const hidden: string[] = secretsInEnvironment(process.env)

function loggerFor(config: Config): RootLogger {
  hidden.push(...secretsOf(config))
  return loggerAt(config.logLevel)
}

function loggerAt(level: Config['logLevel']): RootLogger {
  const format = process.stderr.isTTY === true ? 'text' : 'json'
  const logger = createLogger({ level, format, secrets: hidden, now: io.nowMs })
  loggers.push(logger)
  return logger
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort()
    io.exitAfterGrace?.(1)
  })
}
process.on('SIGHUP', () => undefined)
// A reader that leaves (`| head`) ends the work as a wish to stop does; of who reads the log nothing depends.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause
  stopping.abort()
  io.exitAfterGrace?.(0)
})
process.stderr.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause
})

const withLogger = {
  ...io,
  logger: loggerAt('info'),
  exit: (code: number) => {
    process.exitCode = code
  },
}
const program = new Command('neupr-worker')
  .description(
    'A streaming recommender worker: interaction events in, freshly learned top-K lists out',
  )
  .version(programVersion(), '-v, --version', 'print the version')
  .addCommand(runCommand(io, loggerFor))
  .addCommand(pretrainCommand(io, loggerFor))
  .addCommand(rebuildCommand(io, loggerFor))
  .addCommand(demoCommand(io, loggerFor))
  .addCommand(recommendCommand(io))
  .addCommand(similarCommand(io))
  .addCommand(inspectCommand(io))
  .addCommand(exportCommand(io))
  .addCommand(evaluateCommand(io))
  .addCommand(prequentialCommand(io))
  .addCommand(tuneCommand(io))
  .addCommand(studyCommand(io))
  .addCommand(configCommand(io))
  .addCommand(previewCommand(withLogger))
  .addCommand(topicsCommand(withLogger))
  .addCommand(produceCommand(withLogger))
  .addCommand(tailCommand(withLogger))
  .addCommand(dlqCommand(withLogger))
  .addCommand(doctorCommand(withLogger))

try {
  await addHelp(program).parseAsync()
} catch (cause) {
  process.exitCode = tellFailure(cause)
} finally {
  for (const logger of loggers) logger.flush()
  // A broken connection that still waits for something keeps the process alive.
  setTimeout(() => process.exit(), lingerMsMax).unref()
}

/** One clear message for what a person can mend; a stack only where the error was not expected. */
function tellFailure(cause: unknown): number {
  const redact = createRedactor(hidden)
  if (cause instanceof Failure) {
    const closedPipe = (cause.cause as NodeJS.ErrnoException | undefined)?.code === 'EPIPE'
    if (closedPipe) return 0
    process.stderr.write(redact(`neupr-worker: ${cause.message}\n`))
    return cause.exitCode
  }
  const told = cause instanceof Error ? cause.stack : String(cause)
  process.stderr.write(redact(`neupr-worker: ${told}\n`))
  return 70
}
