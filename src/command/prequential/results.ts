// What the command prints, one element per contestant: who is played through the stream, and what came of it.

import type { Played } from '../../lab/stream/replay.ts'

/** What is played, one after another, with its settings. `worker` is the model as it runs by default. */
export const contestants = {
  worker: {},
  'rows+trend': { parts: 'rows,trend' },
  paper: { parts: 'rows' },
} as const

export type Contestant = keyof typeof contestants

/** One element of the array that --json prints. */
export interface PrequentialResult extends Played {
  readonly data: string
  readonly contestant: Contestant
  readonly strict: boolean
  readonly seed: number
}
