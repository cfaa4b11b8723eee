// Reads the settings: flag before environment before file before default, everything checked at once,
// before any connection is made. Knows no setting itself; the rows are in settings/.

import { readFileSync } from 'node:fs'
import { Failure } from './errors.ts'
import { type Config, checkTogether, settings } from './settings/all.ts'
import { didYouMean } from './settings/nearest.ts'
import { flagOf, type Setting } from './settings/setting.ts'

export type { Config } from './settings/all.ts'

/** Where values may come from. `flags` and the file use the setting's name, the environment its `env`. */
export interface ConfigInput {
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** A JSON file of settings by name. */
  readonly file?: string | undefined
  /** What is wrong besides, a sentence each: it is told together with the faults of the settings. */
  readonly faults?: readonly string[]
}

/** Environment variables with this prefix belong to the worker: an unknown one is refused. */
export const envPrefix = 'NEUPR_'

/** Which source gave a value, for `neupr-worker config`. */
export type Origin = 'flag' | 'environment' | 'file' | 'default'

export interface ReadConfig {
  readonly config: Config
  readonly origins: Readonly<Record<string, Origin>>
}

/** @throws Failure SETTINGS_INVALID that lists every fault, one a line. */
export function readConfig(input: ConfigInput): ReadConfig {
  const faults: string[] = [...(input.faults ?? [])]
  const fromFile = input.file === undefined ? {} : readSettingsFile(input.file, faults)
  for (const name of Object.keys(fromFile)) {
    if (!(name in settings))
      faults.push(
        `${input.file}: unknown setting ${name}${didYouMean(name, Object.keys(settings))}`,
      )
  }
  const known = new Set(Object.values(settings).map((one: Setting<unknown>) => one.env))
  for (const name of Object.keys(input.env)) {
    if (name.startsWith(envPrefix) && !known.has(name)) {
      faults.push(`unknown environment variable ${name}${didYouMean(name, known)}`)
    }
  }
  const values: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const [name, one] of Object.entries(settings) as [string, Setting<unknown>][]) {
    const [origin, given] = choose(name, one, input, fromFile)
    origins[name] = origin
    const parsed = one.parse(given)
    if (parsed !== undefined) values[name] = parsed
    else {
      const shown = one.secret ? '[redacted]' : JSON.stringify(given)
      const places = { flag: flagOf(name), environment: one.env, file: `${name} in ${input.file}` }
      const place = origin === 'default' ? name : places[origin]
      faults.push(`${place} is ${shown}, expected ${one.bounds} ${one.unit}`.trim())
    }
  }
  if (faults.length === 0) faults.push(...checkTogether(values as Config))
  if (faults.length > 0) {
    throw new Failure('SETTINGS_INVALID', `settings refused:\n  ${faults.join('\n  ')}`)
  }
  return { config: Object.freeze(values) as Config, origins }
}

function choose(
  name: string,
  one: Setting<unknown>,
  input: ConfigInput,
  fromFile: Readonly<Record<string, unknown>>,
): [Origin, unknown] {
  const flag = input.flags[name]
  if (flag !== undefined) return ['flag', flag]
  const env = input.env[one.env]
  if (env !== undefined && env !== '') return ['environment', env]
  if (name in fromFile) return ['file', fromFile[name]]
  return ['default', one.default]
}

function readSettingsFile(path: string, faults: string[]): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>
    }
    faults.push(`the settings file ${path} is not one JSON object, as {"k": 20}`)
  } catch (cause) {
    const what = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read'
    faults.push(`the settings file ${path} ${what}: ${(cause as Error).message}`)
  }
  return {}
}
