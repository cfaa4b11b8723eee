// The faults are what they say: without this, a test of an outage could pass against a healthy line.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startFaultProxy } from './fault-proxy.ts'
import { freePort } from './ports.ts'

test('a healed blackhole delivers, a cut ends after the bytes, refuse resets', async () => {
  const target = await freePort()
  const listen = await freePort()
  const echo = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.pipe(socket)
  }).listen(target, '127.0.0.1')
  const proxy = await startFaultProxy({ listen, target })

  const first = await dial(listen)
  assert.equal(await ask(first, 'a'), 'a')
  proxy.set({ kind: 'blackhole' })
  const silent = ask(first, 'b')
  assert.equal(await Promise.race([silent, delay(50).then(() => 'nothing')]), 'nothing')
  proxy.set({ kind: 'none' })
  assert.equal(await silent, 'b')

  proxy.set({ kind: 'slice' })
  assert.equal(await ask(first, 'c'), 'c')
  proxy.set({ kind: 'latency', ms: 20 })
  const asked = performance.now()
  assert.equal(await ask(first, 'd'), 'd')
  assert.ok(performance.now() - asked >= 38, 'both directions are late')

  proxy.set({ kind: 'cut', afterBytes: 2 })
  const second = await dial(listen)
  const received: Buffer[] = []
  second.on('data', (chunk: Buffer) => received.push(chunk))
  second.write('xyz')
  await once(second, 'close')
  assert.equal(Buffer.concat(received).toString(), 'xy')

  proxy.set({ kind: 'refuse' })
  const refused = connect(listen, '127.0.0.1')
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
  await proxy.close()
  first.destroy()
  await new Promise((resolve) => echo.close(resolve))
})

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return answer.toString()
}
