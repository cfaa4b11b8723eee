// The reference engine's library for its tests, or why they are skipped: TensorFlow.js is an optional package.
// `npm run test:tensorflow` fails where it is missing, so a full run of the CI never skips it unnoticed.

import { type Loaded, loadTensors } from '../../../src/adapters/tfjs/load.ts'

const found: Loaded | Error = await loadTensors('pure', {}).catch((error: Error) => error)

/** What node:test shows beside a skipped test; false where the library is installed. */
export const skip: string | false =
  found instanceof Error ? `TensorFlow.js is not installed: ${found.message}` : false

/** @throws Error where the library is missing */
export function reference(): Loaded {
  if (found instanceof Error) throw found
  return found
}
