// A breath between two pieces of long work, so that signals of the system are heard.

/** The function resolves in the next turn of the event loop, or rejects when the process was told to stop. */
export function createBreath(stop?: AbortSignal): () => Promise<void> {
  return async () => {
    await new Promise(setImmediate)
    stop?.throwIfAborted()
  }
}
