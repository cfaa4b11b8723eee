// The command line of a program for developers: --help says what there is, a mistake is told in one line.

import { type ParseArgsConfig, parseArgs } from 'node:util'

const exitCodes = { ok: 0, wrongCall: 2 } as const

/**
 * What was typed. Ends the process after --help, and where something was typed that is not there.
 * @param usage what --help prints
 */
export function readCommandLine<const T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(`${usage}\n`)
    process.exit(exitCodes.ok)
  }
  try {
    return parseArgs(config)
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    // What follows the first sentence is advice about arguments that begin with a dash.
    return endAsWrongCall(cause.message.replace(/\. .*/s, ''))
  }
}

/** Ends the process. */
export function endAsWrongCall(problem: string): never {
  process.stderr.write(`${problem}; --help says what there is\n`)
  process.exit(exitCodes.wrongCall)
}

/** A whole number, as typed behind the flag. Ends the process where it is none, or below `least`. */
export function wholeNumber(flag: string, text: string, least = 1): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
  return endAsWrongCall(`--${flag} needs a whole number of at least ${least}; got ${text}`)
}

/** Whole numbers with commas between them. Ends the process where one is none. */
export function wholeNumbers(flag: string, text: string): [number, ...number[]] {
  const [first = '', ...more] = text.split(',')
  return [wholeNumber(flag, first), ...more.map((one) => wholeNumber(flag, one))]
}
