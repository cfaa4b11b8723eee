// Reads the numbers among a command's flags and collects what is wrong with them, so that all faults are reported at
// once.

import { Failure } from '../errors.ts'

export interface FlagReader {
  whole(name: string, text: string, low: number, high: number): number
  number(name: string, text: string, low: number, high: number): number
  /** Above 0 and below 10⁹. */
  positive(name: string, text: string): number
  /** Whole numbers, separated by commas. */
  wholes(name: string, text: string, low: number, high: number): number[]
  fault(message: string): void
  /** To be called when all flags have been read. @throws Failure SETTINGS_INVALID with every fault. */
  check(): void
}

export function createFlagReader(): FlagReader {
  const faults: string[] = []

  function read(
    name: string,
    text: string,
    holds: (value: number) => boolean,
    expected: string,
  ): number {
    const value = Number(text)
    if (text.trim() === '' || !holds(value)) {
      faults.push(`--${name} is ${text}, expected ${expected}`)
    }
    return value
  }

  const whole: FlagReader['whole'] = (name, text, low, high) => {
    const holds = (value: number) => Number.isInteger(value) && value >= low && value <= high
    return read(name, text, holds, `a whole number ${low} … ${high}`)
  }

  return {
    whole,
    number: (name, text, low, high) =>
      read(name, text, (value) => value >= low && value <= high, `a number ${low} … ${high}`),
    positive: (name, text) =>
      read(name, text, (value) => value > 0 && value < 1e9, 'a number above 0'),
    wholes: (name, text, low, high) => text.split(',').map((part) => whole(name, part, low, high)),
    fault: (message) => void faults.push(message),
    check() {
      if (faults.length === 0) return
      throw new Failure('SETTINGS_INVALID', `flags refused:\n  ${faults.join('\n  ')}`)
    },
  }
}
