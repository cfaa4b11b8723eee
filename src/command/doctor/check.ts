// One check of the doctor: what was looked at, what was found, and what to do where that is not good.

import { Failure } from '../../errors.ts'

export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly found: string
  /** What to do; absent when all is well, or when `found` says it. */
  readonly remedy?: string
}

export function ok(name: string, found: string): Finding {
  return { name, state: 'ok', found }
}

export function warn(name: string, found: string, remedy: string): Finding {
  return { name, state: 'warn', found, remedy }
}

export function fail(name: string, found: string, remedy: string): Finding {
  return { name, state: 'fail', found, remedy }
}

/** What `look` finds; an error becomes a finding too, so that the other checks still run. */
export async function looked(
  name: string,
  remedy: string,
  look: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    const found = await look()
    return Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding]
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const what = error.message.split('\n')[0] ?? error.name
    // What only a person can mend says itself how; for what is out of reach the check knows where to look.
    const says = error instanceof Failure && error.fate === 'stop'
    return [says ? { name, state: 'fail', found: what } : fail(name, what, remedy)]
  }
}
