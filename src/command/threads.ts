// The option of the commands that learn offline; workers have it among their settings.

import { Option } from 'commander'
import { crews } from './worker/engine.ts'

export type Threads = keyof typeof crews

export function threadsOption(): Option {
  return new Option(
    '--threads <count>',
    'threads that share a step of a joint tower; any number gives the same numbers',
  )
    .choices(Object.keys(crews))
    .default('1' satisfies Threads)
}
