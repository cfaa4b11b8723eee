// The option of the commands that learn offline; workers have it among their settings.

import { Option } from 'commander'

const counts = ['1', '2', '4'] as const
export type Threads = (typeof counts)[number]

export function threadsOption(): Option {
  return new Option(
    '--threads <count>',
    'threads that share a step of a joint tower; any number gives the same numbers',
  )
    .choices(counts)
    .default('1' satisfies Threads)
}
