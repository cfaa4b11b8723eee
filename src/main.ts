#!/usr/bin/env node
// The process: arguments, environment, signals, exit codes. Everything else is in the commands.

import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { createRedactor } from './adapters/log/facts.ts'
import { createLogger, type RootLogger } from './adapters/log/logger.ts'
import { addHelp } from './command/help.ts'
import { secretsInEnvironment, secretsOf } from './command/secrets.ts'
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
/** By name, in the order in which --help lists them. Each is loaded only where it is asked for. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./command/run.ts')).runCommand(io, loggerFor),
  pretrain: async () => (await import('./command/pretrain.ts')).pretrainCommand(io, loggerFor),
  rebuild: async () => (await import('./command/rebuild.ts')).rebuildCommand(io, loggerFor),
  demo: async () => (await import('./command/demo.ts')).demoCommand(io, loggerFor),
  recommend: async () => (await import('./command/recommend.ts')).recommendCommand(io),
  similar: async () => (await import('./command/similar.ts')).similarCommand(io),
  inspect: async () => (await import('./command/inspect.ts')).inspectCommand(io),
  size: async () => (await import('./command/size.ts')).sizeCommand(io),
  export: async () => (await import('./command/export.ts')).exportCommand(io),
  evaluate: async () => (await import('./command/evaluate.ts')).evaluateCommand(io),
  prequential: async () => (await import('./command/prequential.ts')).prequentialCommand(io),
  tune: async () => (await import('./command/tune.ts')).tuneCommand(io),
  study: async () => (await import('./command/study.ts')).studyCommand(io),
  config: async () => (await import('./command/config.ts')).configCommand(io),
  preview: async () => (await import('./command/preview.ts')).previewCommand(withLogger),
  topics: async () => (await import('./command/topics.ts')).topicsCommand(withLogger),
  produce: async () => (await import('./command/produce.ts')).produceCommand(withLogger),
  tail: async () => (await import('./command/tail.ts')).tailCommand(withLogger),
  dlq: async () => (await import('./command/dlq.ts')).dlqCommand(withLogger),
  doctor: async () => (await import('./command/doctor.ts')).doctorCommand(withLogger),
}
const program = new Command('neupr-worker')
  .description(
    'A streaming recommender worker: interaction events in, freshly learned top-K lists out',
  )
  .version(programVersion(), '-v, --version', 'print the version')
const [asked = ''] = process.argv.slice(2)
// Where none is named (help, a mistyped name), all are looked at.
const loaded = Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands)
for (const name of asked === '--version' || asked === '-v' ? [] : loaded) {
  program.addCommand(await commands[name]!())
}

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
