// A bound on open connections that never turns a new one away: whoever comes when all places are taken gets that of the
// connection that has been idle longest. So a probe is answered however many others keep connections open.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export function boundConnections(server: Server, connectionsMax: number): void {
  /** Sets keep the order of insertion: the first has waited longest. */
  const idle = new Set<Socket>()
  const busy = new Set<Socket>()

  server.on('connection', (socket) => {
    idle.add(socket)
    socket.once('close', () => {
      idle.delete(socket)
      busy.delete(socket)
    })
    while (idle.size + busy.size > connectionsMax) closeOldest()
  })

  // Before the handler that answers, which may be done at once.
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (!idle.delete(socket)) busy.delete(socket)
    busy.add(socket)
    response.once('close', () => {
      if (!busy.delete(socket) || socket.destroyed) return
      idle.add(socket)
    })
  })

  /** The newest connection is the last of the idle ones: it goes only where the bound is 0. */
  function closeOldest(): void {
    const [oldest] = idle.size > 1 ? idle : busy.size > 0 ? busy : idle
    if (oldest === undefined) return
    idle.delete(oldest)
    busy.delete(oldest)
    oldest.destroy()
  }
}
