// The connections of one client, in our own hands: asked for leave at the last moment before bytes go out, and cut
// together. After that nothing the client still has in mind can leave this process.

import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'

export interface Sockets {
  readonly factory: ISocketFactory
  readonly isCut: boolean
  /** From now on bytes leave only while this says so; the first that may not cut all connections. */
  ask(mayGo: () => boolean): void
  /** Resets every connection, with what it has not sent yet; new ones are refused. */
  cut(): void
  /** Calls back when they are cut. Returns what ends that. */
  onCut(listener: () => void): () => void
}

const keepAliveMs = 60_000

export function createSockets(): Sockets {
  /** Beside what the client sees, the connection below it: the same without TLS. */
  const open = new Map<Socket, Socket>()
  let isCut = false
  let mayGo = (): boolean => true
  const listeners = new Set<() => void>()

  function cut(): void {
    isCut = true
    for (const listener of listeners) listener()
    const all = [...open]
    open.clear()
    for (const [socket, below] of all) {
      below.resetAndDestroy()
      // A reset of our own is no event; without one the client would wait for answers.
      socket.emit('error', new Error('cut off: another worker may write these by now'))
    }
  }

  const factory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (isCut) throw new Error('this client was cut off')
    const below = ssl ? connectPlain({ host, port }) : connectPlain({ host, port }, onConnect)
    below.setKeepAlive(true, keepAliveMs)
    const name = isIP(host) === 0 ? { servername: host } : {}
    const socket = ssl ? connectTls({ socket: below, ...name, ...ssl }, onConnect) : below
    open.set(socket, below)
    socket.once('close', () => open.delete(socket))
    const send = socket.write.bind(socket) as (...given: unknown[]) => boolean
    socket.write = (...given: unknown[]) => {
      if (!isCut && mayGo()) return send(...given)
      cut()
      return false
    }
    return socket
  }

  return {
    factory,
    get isCut() {
      return isCut
    },
    ask(given) {
      mayGo = given
    },
    cut,
    onCut(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
