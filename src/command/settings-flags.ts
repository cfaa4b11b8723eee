// The settings as flags of a command: --records-bytes-max for recordBytesMax, with the help of the row.

import { type Command, Option } from 'commander'
import { type Config, readConfig } from '../config.ts'
import { settingGroups, settings } from '../settings/all.ts'
import type { Setting } from '../settings/setting.ts'
import type { Io } from '../worker/io.ts'

const rows = Object.entries(settings) as [string, Setting<unknown>][]

/** Adds every setting but these as an option under the heading of its group, and --settings FILE. */
export function addSettings(command: Command, except: readonly (keyof Config)[] = []): Command {
  const left = new Set<string>(except)
  for (const [heading, group] of Object.entries(settingGroups)) {
    for (const [name, row] of Object.entries<Setting<unknown>>(group)) {
      if (left.has(name)) continue
      for (const option of optionsOf(name, row)) command.addOption(option.helpGroup(`${heading}:`))
    }
  }
  // What commander does not know is refused together with all other faults of the settings.
  return command
    .option('--settings <file>', 'JSON file of settings by name')
    .allowUnknownOption()
    .allowExcessArguments()
    .hook('preAction', (_, action) => {
      action.setOptionValue(strays, action.args.slice(action.registeredArguments.length))
    })
}

export function optionsOf(name: string, row: Setting<unknown>): Option[] {
  const flag = `--${kebab(name)}`
  const form = typeof row.default === 'boolean' ? `${flag} [true|false]` : `${flag} <value>`
  const about = `${row.help} [${row.bounds}${row.unit === '' ? '' : ` ${row.unit}`}]`
  const shown = row.secret ? '' : String(row.default)
  const option = new Option(form, `${about} (env ${row.env}, default ${shown || 'none'})`)
  if (row.default !== true) return [option]
  return [option, new Option(`--no-${kebab(name)}`, `the same as ${flag} false`)]
}

const strays = 'stray'

/** The flags a person gave, by name of the setting. */
export function settingsOf(
  options: Readonly<Record<string, unknown>>,
  io: Io,
  overrides: Readonly<Record<string, unknown>> = {},
): Config {
  const flags: Record<string, unknown> = {}
  for (const [name] of rows) if (options[name] !== undefined) flags[name] = options[name]
  const file = options.settings as string | undefined
  const stray = (options[strays] ?? []) as readonly string[]
  // The value of an unknown flag is not another fault.
  const unknown = stray.filter((text, at) => text.startsWith('-') || !wantsValue(stray[at - 1]))
  return readConfig({ flags: { ...overrides, ...flags }, env: io.env, file, unknown }).config
}

export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function wantsValue(text = ''): boolean {
  return text.startsWith('-') && !text.includes('=')
}
