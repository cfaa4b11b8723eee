// One check of the doctor: what was looked at, what was found, and what to do where that is not good.

import { Failure } from '../../errors.ts'

export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly found: string
  /** What to do; absent when all is well. */
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
    // The message of a Failure says already what to do.
    const what = error.message.split('\n')[0] ?? error.name
    return [fail(name, what, error instanceof Failure ? 'see the message' : remedy)]
  }
}
