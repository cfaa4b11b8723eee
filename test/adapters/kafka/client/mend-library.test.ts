// A broker that is cut off in the middle of a response, and answers in full to the next connection; one that has
// answered and is asked nothing more; one whose connection ends while a request is being made; one that is slow to say
// which requests it takes.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createKafka } from '../../../../src/adapters/kafka/client/connect.ts'
import { mendLibrary } from '../../../../src/adapters/kafka/client/mend-library.ts'
import { connectionTo, keepingLogger } from '../real-kafka.ts'

/** ApiVersions, version 2: no error, one key, no throttling. */
function response(request: Buffer): Buffer {
  const correlation = request.subarray(8, 12)
  const body = Buffer.alloc(16)
  body.writeInt32BE(1, 2)
  body.writeInt16BE(18, 6)
  body.writeInt16BE(2, 10)
  const whole = Buffer.concat([Buffer.alloc(4), correlation, body])
  whole.writeInt32BE(whole.length - 4)
  return whole
}

// A request that gets no answer waits for longer than the test may take.
const waiting = { requestMsMax: 120_000 }

/** A client of a broker that does `serve` with every connection. */
async function connected(t: TestContext, serve: (socket: Socket) => void) {
  const server = createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const admin = createKafka({ ...connectionTo(`127.0.0.1:${port}`), ...waiting }).admin()
  await admin.connect()
  return admin
}

test('what was got of a response that was cut off is no part of the next one', {
  timeout: 30_000,
}, async (t) => {
  let connections = 0
  const admin = await connected(t, (socket) => {
    const cuts = ++connections <= 2
    socket.on('error', (error) => assert.match(error.message, /ECONNRESET/))
    socket.once('data', (request) => {
      const whole = response(request)
      if (cuts) socket.end(whole.subarray(0, 4 + connections))
      else socket.write(whole)
    })
  })
  await admin.disconnect()
  assert.ok(connections >= 3)
})

test('a connection that nothing is asked of sets no timers', async (t) => {
  const admin = await connected(t, (socket) => {
    socket.on('data', (request) => socket.write(response(request)))
  })
  const set = globalThis.setTimeout
  let timers = 0
  globalThis.setTimeout = ((...given: Parameters<typeof set>) => {
    timers++
    return set(...given)
  }) as typeof set
  await delay(100)
  globalThis.setTimeout = set
  await admin.disconnect()
  assert.ok(timers < 10, `${timers} timers in a tenth of a second`)
})

/** What is needed of the library's inner connection. */
interface Connection {
  authenticatedAt: unknown
  connect(): Promise<unknown>
  send(what: { request: object; response: object }): Promise<unknown>
}
const load = createRequire(import.meta.url)
const InnerConnection = load('kafkajs/src/network/connection') as new (given: object) => Connection
const Encoder = load('kafkajs/src/protocol/encoder') as new () => object

/** Connected to nobody, by a socket in the test's hands. */
async function alone(): Promise<{ connection: Connection; socket: Duplex }> {
  const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() })
  const logger = keepingLogger()
  const connection = new InnerConnection({
    ...{ host: 'nobody', port: 1, clientId: 'test', connectionTimeout: 5_000 },
    ...{ requestTimeout: 120_000, enforceRequestTimeout: true },
    logger: Object.assign(logger, { namespace: () => logger }),
    socketFactory({ onConnect }: { onConnect: () => void }) {
      setImmediate(onConnect)
      return Object.assign(socket, { unref: () => undefined })
    },
  })
  await connection.connect()
  connection.authenticatedAt = process.hrtime()
  return { connection, socket }
}

/** What is needed of its broker. */
interface Broker {
  connect(): Promise<void>
  disconnect(): Promise<void>
  isConnected(): boolean
}
const InnerBroker = load('kafkajs/src/broker') as new (given: object) => Broker
const InnerPool = load('kafkajs/src/network/connectionPool') as new (given: object) => object

test('a broker is not connected before it has said which requests it takes', async (t) => {
  const server = createServer()
  const asked = new Promise<() => void>((resolve) => {
    server.on('connection', (socket) => {
      t.after(() => socket.destroy())
      socket.once('data', (request) => resolve(() => socket.write(response(request))))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  mendLibrary()
  const { port } = server.address() as AddressInfo
  const logger = keepingLogger()
  const given = { logger: Object.assign(logger, { namespace: () => logger }) }
  const socketFactory = (at: { onConnect: () => void }) => connect({ port }, at.onConnect)
  const connectionPool = new InnerPool({
    ...{ ...given, host: '127.0.0.1', port, clientId: 'test', socketFactory },
    ...{ connectionTimeout: 20_000, requestTimeout: 20_000, enforceRequestTimeout: true },
  })
  const broker = new InnerBroker({ ...given, connectionPool })
  const connecting = broker.connect()
  const answer = await asked
  assert.equal(broker.isConnected(), false)
  answer()
  await connecting
  assert.equal(broker.isConnected(), true)
  await broker.disconnect()
  assert.equal(broker.isConnected(), false)
})

/** How far the making of a request may have come when the connection ends: one turn of the promises after the other. */
const turnsMax = 8

for (const end of ['end', 'error']) {
  test(`a request that is being made at the ${end} of its connection hears of it`, {
    timeout: 30_000,
  }, async () => {
    mendLibrary()
    for (let turns = 0; turns <= turnsMax; turns++) {
      const { connection, socket } = await alone()
      const request = {
        apiKey: 1,
        apiVersion: 1,
        apiName: 'Any',
        encode: async () => new Encoder(),
      }
      const sent = connection.send({ request, response: {} })
      const refused = assert.rejects(sent, /[Cc]losed connection|Not connected|Connection error/)
      for (let turn = 0; turn < turns; turn++) await undefined
      socket.destroy()
      socket.emit(end, new Error('gone'))
      await refused
    }
  })
}
