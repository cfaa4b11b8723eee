// A text that must not be seen by chance: printing, logging or serialising it shows [redacted]. Only reveal() tells.

import { inspect } from 'node:util'

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
