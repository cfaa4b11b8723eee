// Log lines by pino: JSON for machines, short text for a terminal. Writes to the given stream (stderr: stdout
// may carry lists), in the background except for fatal lines, which are out when the call returns.

import { destination, type Logger as Pino, pino } from 'pino'
import type { Facts, Logger } from '../../ports/logger.ts'
import { createRedactor, safeFacts } from './facts.ts'
import { createRepeats } from './repeats.ts'

export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Destination {
  write(line: string): void
  flushSync?(): void
}

export interface LogOptions {
  readonly level: LogLevel
  readonly format: 'json' | 'text'
  /** Values that may never be shown, whatever line they turn up in. */
  readonly secrets: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly to?: Destination
}

/** A logger with a lifetime: flush() writes what repeats held back and everything still in memory. */
export interface RootLogger extends Logger {
  flush(): void
}

export function createLogger(options: LogOptions): RootLogger {
  const out = options.to ?? destination({ dest: 2, sync: false })
  const redact = createRedactor(options.secrets)
  const show = options.format === 'text' ? asText : (line: string) => line
  const stream = {
    write: (line: string) => void out.write(redact(show(line))),
    flushSync: () => out.flushSync?.(),
  }
  const base = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  const repeats = createRepeats(options.now)
  const root = wrap(base, repeats)
  return Object.assign(root, {
    flush: () => {
      repeats.flush((facts, message) => root.warn(message, facts))
      stream.flushSync()
    },
  })
}

function wrap(base: Pino, repeats: ReturnType<typeof createRepeats>): Logger {
  const line = (level: Exclude<LogLevel, 'silent'>) => (message: string, facts?: Facts) =>
    base[level](facts === undefined ? {} : safeFacts(facts), message)
  const warn = line('warn')
  return {
    debug: line('debug'),
    info: line('info'),
    warn,
    error: line('error'),
    fatal: line('fatal'),
    repeated: (reason, message, facts) =>
      repeats.take(reason, message, facts ?? {}, (shown, text) => warn(text, shown)),
    child: (facts) => wrap(base.child(safeFacts(facts)), repeats),
  }
}

/** A line that lives, as a bar of progress, gives way: it is drawn again below. */
const clearLine = '\r\u001b[K'

/** `12:00:01.250 warn  message  key=value`, for people at a terminal. */
function asText(line: string): string {
  const { level, time, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const shown = Object.entries(facts).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const head = `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${String(msg)}`
  return `${clearLine}${[head, ...shown].join('  ').replaceAll('\n', ' ')}\n`
}
