// Ends a client of kafkajs in bounded time: after a broker went away it can wait for ever for a reply to a request that
// it sent on the dead connection. Everything that matters was answered before; what is left is politeness.

import { setTimeout as delay } from 'node:timers/promises'

const disconnectMsMax = 3_000

/** Resolves when disconnected, or after a while. Rejects as disconnect() does. */
export async function disconnectInTime(client: { disconnect(): Promise<void> }): Promise<void> {
  const enough = new AbortController()
  const patience = delay(disconnectMsMax, undefined, { signal: enough.signal }).catch(
    () => undefined,
  )
  try {
    await Promise.race([client.disconnect(), patience])
  } finally {
    enough.abort()
  }
}
