// Where lines for people go. Main side only; the trainer reports instead.
//
// A line has a message from a fixed set of sentences and facts beside it: numbers, codes, positions. Never a
// payload, never a key or secret. `repeated` lines say the same again and again (a dead letter, a retry): at most
// one a second per reason is written, later one a minute, with the number of those held back. fatal() is on disk when
// it returns.

export type Facts = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, facts?: Facts): void
  info(message: string, facts?: Facts): void
  warn(message: string, facts?: Facts): void
  error(message: string, facts?: Facts): void
  fatal(message: string, facts?: Facts): void
  /** A warning that may come thousands of times a second. `reason` is from a closed list. */
  repeated(reason: string, message: string, facts?: Facts): void
  /** The same logger with facts on every line. */
  child(facts: Facts): Logger
}
