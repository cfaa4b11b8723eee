// Programs that some tests need and not every machine has. Where a build decides (CI=true) they must be there.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first of the names that the PATH knows. */
export function programOnPath(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram)
}

/** For the option `skip` of a test: the reason, or false where it must run. */
export function skipWithout(program: string | undefined, reason: string): string | false {
  return program === undefined && process.env.CI !== 'true' ? reason : false
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  }
}
