#!/usr/bin/env node
// The process: arguments, environment, signals, exit codes. Everything else is in the commands.

import { setTimeout as sleep } from 'node:timers/promises'
import { createRedactor } from './adapters/log/facts.ts'
import { createLogger, type RootLogger } from './adapters/log/logger.ts'
import { addHelp } from './command/help.ts'
import { createProgram } from './command/program.ts'
import { secretsInEnvironment, secretsOf } from './command/secrets.ts'
import type { Config } from './config.ts'
import { Failure } from './errors.ts'
import type { Io } from './io.ts'

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
const program = await createProgram({ io, loggerFor, withLogger }, process.argv[2])

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
