// Every text that the settings hold and nobody may see: for what is logged and printed. Reads the files that secrets
// lie in once, at the start; one that cannot be read is told by who needs it.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { settings } from '../settings/all.ts'
import type { Setting } from '../settings/setting.ts'

const rows = Object.entries(settings) as [string, Setting<unknown>][]
const fileBytesMax = 65_536

/** `values` by name of the setting. */
export function secretsOf(values: Readonly<Record<string, unknown>>): string[] {
  return rows.flatMap(([name, row]) => secretsIn(name, row, values[name]))
}

/** As far as the environment names them, for what is said before the settings are read. */
export function secretsInEnvironment(env: Readonly<Record<string, string | undefined>>): string[] {
  return rows.flatMap(([name, row]) => secretsIn(name, row, env[row.env]))
}

function secretsIn(name: string, row: Setting<unknown>, value: unknown): string[] {
  if (typeof value !== 'string' || value === '') return []
  if (/(Password|Token|Key)File$/.test(name)) return linesOf(value)
  // Other URLs may carry a login too.
  const login = /^[a-z+]+:\/\/([^/]*)@/i.exec(value)?.[1]
  if (login === undefined) return row.secret ? [value] : []
  const password = login.slice(login.indexOf(':') + 1)
  return [...(row.secret ? [value] : []), login, password, decoded(password)]
}

/** A key is long and wrapped: each of its lines is hidden. */
function linesOf(path: string): string[] {
  if (!existsSync(path) || !statSync(path).isFile() || statSync(path).size > fileBytesMax) return []
  const text = readFileSync(path, 'utf8')
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('-----'))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
