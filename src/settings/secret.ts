// A text that must not be seen by chance: printing, logging or serialising it shows [redacted]. Only reveal() tells.
// And the files that settings name for secrets and certificates.

import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { Failure } from '../errors.ts'
import { flagOf } from './setting.ts'

export interface Secret {
  /** For the one call that needs it. */
  reveal(): string
  toString(): string
  toJSON(): string
}

const hidden = '[redacted]'

export function secret(text: string): Secret {
  const show = (): string => hidden
  return Object.freeze({ reveal: () => text, toString: show, toJSON: show, [inspect.custom]: show })
}

/** A file's text without the line end that editors add. @throws Failure SETTINGS_INVALID, with the setting's flag */
export function fileText(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    const why = (cause as Error).message
    throw new Failure('SETTINGS_INVALID', `${flagOf(setting)} cannot be read: ${why}`, { cause })
  }
}

export function fileSecret(setting: string, path: string): Secret {
  return secret(fileText(setting, path))
}
