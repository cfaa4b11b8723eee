// Lets the process hear its signals between two pieces of long work.

/** Resolves in the next turn of the event loop, or rejects when the process was told to stop. */
export async function yieldToEventLoop(stop?: AbortSignal): Promise<void> {
  await new Promise(setImmediate)
  stop?.throwIfAborted()
}
