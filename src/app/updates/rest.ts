// Pauses that end sooner where something comes, and all together at the end.

/** Resolves after `ms` milliseconds, or with `sooner`, or when the work ends. */
export type Rest = (ms: number, sooner: Promise<void>) => Promise<void>

/** `pause` rejects when aborted. */
export function createRest(
  pause: (ms: number, signal: AbortSignal) => Promise<void>,
  end: AbortSignal,
): Rest {
  const under = new Set<AbortController>()
  end.addEventListener('abort', () => {
    for (const one of under) one.abort()
  })
  return async (ms, sooner) => {
    if (end.aborted) return
    const own = new AbortController()
    under.add(own)
    await Promise.race([sooner, pause(ms, own.signal).catch(() => undefined)])
    under.delete(own)
    own.abort()
  }
}
