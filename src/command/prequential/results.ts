// What the command prints, one element per contestant: which model was replayed on the stream, and with what result.

import type { ReplayResult } from '../../lab/stream/replay.ts'

/**
 * The models that are replayed, one after another, with their settings. `worker` is the model as it runs by default.
 */
export const contestants = {
  worker: {},
  'rows+trend': { parts: 'rows,trend' },
  paper: { parts: 'rows' },
} as const

export type Contestant = keyof typeof contestants

/** One element of the array that --json prints. */
export interface PrequentialResult extends ReplayResult {
  readonly data: string
  readonly contestant: Contestant
  readonly strict: boolean
  /** Names of the actions that are predicted and measured; absent: all that add an item. */
  readonly measured?: string
  readonly seed: number
}
