// A TCP proxy that misbehaves on command: slow, silent, cut, refused, byte by byte. It understands no protocol.

import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type Fault =
  | { readonly kind: 'none' }
  /** Every chunk arrives `ms` later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Connections stay open and nothing passes. */
  | { readonly kind: 'blackhole' }
  /** As blackhole, and what is held up is lost with its connection, as in the sender's own buffers. */
  | { readonly kind: 'stall' }
  /** Connections are reset, new ones at once. */
  | { readonly kind: 'refuse' }
  /** Chunks arrive as single bytes. */
  | { readonly kind: 'slice' }
  /** Each connection ends after `afterBytes` bytes of answers, in the middle of what follows. */
  | { readonly kind: 'cut'; readonly afterBytes: number }

export interface FaultProxy {
  readonly port: number
  set(fault: Fault): void
  /** Resets every open connection once; new ones work. */
  reset(): void
  /** Chunks held up by a stall now. */
  stalled(): number
  /** Bytes passed to clients so far. */
  passed(): number
  close(): Promise<void>
}

export interface ProxyOptions {
  readonly listen: number
  readonly target: number
}

export async function startFaultProxy(options: ProxyOptions): Promise<FaultProxy> {
  const state = {
    fault: { kind: 'none' } as Fault,
    changed: new AbortController(),
    passed: 0,
    stalled: 0,
  }
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A reset is what this proxy is for: the other side is ended by pump().
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((client) => {
    keep(client)
    if (state.fault.kind === 'refuse') return void client.resetAndDestroy()
    const upstream = connect({ port: options.target, host: '127.0.0.1' })
    keep(upstream)
    void pump(client, upstream, state, false)
    void pump(upstream, client, state, true)
  })
  await listen(server, options.listen)
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: options.listen,
    set(fault) {
      state.fault = fault
      state.changed.abort()
      state.changed = new AbortController()
      if (fault.kind === 'refuse') reset()
    },
    reset,
    stalled: () => state.stalled,
    passed: () => state.passed,
    async close() {
      reset()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface ProxyState {
  fault: Fault
  /** Aborted when the fault changes: whoever waits in a blackhole looks again. */
  changed: AbortController
  passed: number
  stalled: number
}

async function pump(from: Socket, to: Socket, state: ProxyState, answers: boolean): Promise<void> {
  let bytes = 0
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      while (state.fault.kind === 'blackhole') await untilChanged(state)
      if (state.fault.kind === 'stall') {
        state.stalled++
        const lost = new Promise((resolve) => from.once('close', resolve))
        while (state.fault.kind === 'stall' && !from.destroyed) {
          await Promise.race([untilChanged(state), lost])
        }
        state.stalled--
        if (from.destroyed) break
      }
      const { fault } = state
      if (fault.kind === 'latency') await delay(fault.ms)
      if (answers && fault.kind === 'cut' && bytes + chunk.length > fault.afterBytes) {
        to.write(chunk.subarray(0, Math.max(0, fault.afterBytes - bytes)))
        to.destroySoon()
        from.destroy()
        return
      }
      bytes += chunk.length
      if (answers) state.passed += chunk.length
      if (fault.kind === 'slice') for (const byte of chunk) await write(to, Uint8Array.of(byte))
      else await write(to, chunk)
    }
    to.end()
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    to.destroy()
  }
}

async function untilChanged(state: ProxyState): Promise<void> {
  const { signal } = state.changed
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
}

async function write(to: Socket, chunk: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    to.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}
