// Memory that threads share is free once none of them refers to it, which each of them finds out when it collects its
// garbage. V8 leaves such memory out of account when it decides whether to: a checkpoint that nobody needs any more
// may stay for as long as the process lives. So whoever lets go of much of it has the garbage collected.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** That of the calling thread, now: it takes 10 to 30 ms. */
export function collectGarbage(): void {
  collect ??= collector()
  collect()
}

/** V8 gives it to no program that does not ask for it, and then to new contexts alone. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  const found = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  return found
}

/** Collects garbage whenever so many bytes have been let go of. */
export function createCollector(bytesEach: number): (bytes: number) => void {
  let bytes = 0
  return (more) => {
    bytes += more
    if (bytes < bytesEach) return
    bytes = 0
    collectGarbage()
  }
}
