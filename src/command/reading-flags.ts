// The settings that say how events are read, as flags of the commands that take few other settings or have flags of the
// same names that mean something else.

import type { Command } from 'commander'
import { type Config, readConfig } from '../config.ts'
import type { Io } from '../io.ts'
import { settings } from '../settings/all.ts'
import type { Setting } from '../settings/setting.ts'
import { optionsOf } from './settings-flags.ts'
import { ofReading } from './settings-read.ts'

export function addReadingSettings(command: Command): Command {
  for (const name of ofReading) {
    const row = settings[name] as Setting<unknown>
    for (const option of optionsOf(name, row))
      command.addOption(option.helpGroup('How events are read:'))
  }
  return command
}

/** `more`: other settings by name. @throws Failure SETTINGS_INVALID */
export function readingSettingsOf(
  flags: object,
  io: Pick<Io, 'env'>,
  more: Readonly<Record<string, unknown>> = {},
): Config {
  const given = Object.fromEntries(
    ofReading.flatMap((name) => {
      const value: unknown = Reflect.get(flags, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  return readConfig({ flags: { ...more, ...given }, env: io.env }).config
}
