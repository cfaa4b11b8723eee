// The settings as flags of a command: recordBytesMax is --record-bytes-max, with the help, bounds and default of its
// row.

import { type Command, Option } from 'commander'
import { type Config, readConfig } from '../config.ts'
import type { Io } from '../io.ts'
import { settingGroups, settings } from '../settings/all.ts'
import { didYouMean } from '../settings/nearest.ts'
import { flagOf, type Setting } from '../settings/setting.ts'
import type { SettingName } from './settings-read.ts'

const rows = Object.entries(settings) as [SettingName, Setting<unknown>][]

/** Adds the settings that a command reads as options under the headings of their groups, and --settings FILE. */
export function addSettings(command: Command, read: readonly SettingName[]): Command {
  for (const [heading, group] of Object.entries(settingGroups)) {
    for (const [name, row] of Object.entries<Setting<unknown>>(group)) {
      if (!read.includes(name as SettingName)) continue
      for (const option of optionsOf(name, row)) command.addOption(option.helpGroup(`${heading}:`))
    }
  }
  // What commander does not know is refused together with all other faults of the settings.
  return command
    .option('--settings <file>', 'JSON file of settings by name')
    .allowUnknownOption()
    .allowExcessArguments()
    .hook('preAction', (_, action) => {
      const stray = action.args.slice(action.registeredArguments.length)
      action.setOptionValue(faults, strayFaults(action, stray))
    })
}

export function optionsOf(name: string, row: Setting<unknown>): Option[] {
  const flag = flagOf(name)
  const form = typeof row.default === 'boolean' ? `${flag} [true|false]` : `${flag} <value>`
  const bounds = `${row.bounds}${row.unit === '' ? '' : ` ${row.unit}`}`
  const about = row.bounds.startsWith('up to') ? row.help : `${row.help} [${bounds}]`
  const shown = row.secret ? '' : String(row.default)
  const option = new Option(form, `${about} (env ${row.env}, default ${shown || 'none'})`)
  if (row.default !== true) return [option]
  return [option, new Option(`--no-${flag.slice(2)}`, `the same as ${flag} false`)]
}

const faults = 'faultsOfArguments'

/**
 * The settings of a command. The flags that were given come first, then `overrides`, the environment, the settings file
 * and the defaults. @throws Failure SETTINGS_INVALID, which names every fault at once
 */
export function settingsOf(
  options: Readonly<Record<string, unknown>>,
  io: Pick<Io, 'env'>,
  overrides: Readonly<Record<string, unknown>> = {},
): Config {
  const flags: Record<string, unknown> = {}
  for (const [name] of rows) if (options[name] !== undefined) flags[name] = options[name]
  const file = options.settings as string | undefined
  const others = (options[faults] ?? []) as readonly string[]
  return readConfig({ flags: { ...overrides, ...flags }, env: io.env, file, faults: others }).config
}

/**
 * One sentence for each argument that the command does not know; the value of an unknown flag is no fault of its own.
 */
function strayFaults(command: Command, stray: readonly string[]): string[] {
  return stray
    .filter((text, at) => text.startsWith('-') || !wantsValue(stray[at - 1]))
    .map((text) => strayFault(command, text))
}

/** With the names of those above it, as it is typed. */
export function nameOf(command: Command): string {
  const above = command.parent
  return above === null ? command.name() : `${nameOf(above)} ${command.name()}`
}

/** What is wrong with an argument: only another command reads it, or none does; then with the nearest name. */
export function strayFault(command: Command, text: string): string {
  const help = `: ${nameOf(command)} --help says what there is`
  if (!text.startsWith('-')) return `unknown argument ${text}${help}`
  const flag = text.replace(/=.*/s, '')
  const isSetting = rows.some(([name, { default: preset }]) => {
    const own = flagOf(name)
    return flag === own || (preset === true && flag === `--no-${own.slice(2)}`)
  })
  if (isSetting) return `${flag} is a setting that ${command.name()} does not use: leave it out`
  const flags = [...command.options.flatMap(({ long }) => long ?? []), '--help']
  return `unknown argument ${text}${didYouMean(flag, flags) || help}`
}

function wantsValue(text = ''): boolean {
  return text.startsWith('-') && !text.includes('=')
}
