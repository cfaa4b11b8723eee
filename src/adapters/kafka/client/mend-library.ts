// What is wrong in kafkajs 2.2.4, the newest there is, and can be mended from outside.
//
// It uses a connection again whose socket was cut in the middle of a response, and takes the bytes it had got for the
// beginning of the next response. What comes then fits no request, which waits for all of its time, or throws where
// nobody can catch it, which ends the process. Here every connection begins with nothing.
//
// Once a connection has had an answer, a timer looks every millisecond whether a request waits to be sent, for as long
// as the connection lives (https://github.com/tulios/kafkajs/issues/1704): on a machine with other work that took 40 ms
// of processor time a second. Here it is only set while one waits.
//
// A request that is made in the moment in which a connection ends is sent nowhere, and waits for an answer for ever:
// the clock of its patience is stopped with the connection. Whoever waits for it, such as a consumer for its next
// records, stands still without a word. Here the end of a connection is the end of all that was asked on it.
//
// A broker counts as connected before it has said which versions of requests it takes. Whoever asks it for something in
// between ends with an error that nobody tries again, and a consumer stops for good: brokers that have just started
// are slow to say so. Here it counts from then on.

import { createRequire } from 'node:module'

/** What is known of kafkajs's inner connection. */
interface Connection extends At {
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  isConnected(): boolean
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  rejectRequests(error: Error): void
}

/** And of its broker, which has connections. */
interface Broker {
  isConnected(): boolean
  connect(): Promise<void>
}

interface Errors {
  readonly KafkaJSConnectionClosedError: new (message: string, at: At) => Error
}

interface At {
  readonly host: string
  readonly port: number
}

/** And of the requests of one that are to be sent, or answered. */
interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

/** Of the length in front of each response. */
const lengthBytes = 4
let isMended = false

/** Mends the library for the whole process, once. */
export function mendLibrary(): void {
  if (isMended) return
  isMended = true
  const load = createRequire(import.meta.url)
  const { prototype } = load('kafkajs/src/network/connection') as { prototype: Connection }
  const { KafkaJSConnectionClosedError: ConnectionClosed } = load('kafkajs/src/errors') as Errors
  cleanConnections(prototype)
  endRequests(prototype, ConnectionClosed)
  awaitVersions((load('kafkajs/src/broker') as { prototype: Broker }).prototype)
  restQueues((load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }).prototype)
}

function cleanConnections(prototype: Connection): void {
  const { connect } = prototype
  if (typeof connect !== 'function') throw unlike('connect')
  prototype.connect = function () {
    if (!this.isConnected()) {
      this.chunks = []
      this.bytesBuffered = 0
      this.bytesNeeded = lengthBytes
    }
    return connect.call(this)
  }
}

function endRequests(
  prototype: Connection,
  ConnectionClosed: Errors['KafkaJSConnectionClosedError'],
): void {
  const { disconnect, rejectRequests } = prototype
  if (typeof disconnect !== 'function') throw unlike('disconnect')
  if (typeof rejectRequests !== 'function') throw unlike('rejectRequests')
  prototype.disconnect = async function () {
    const ended = await disconnect.call(this)
    // Unless somebody has connected anew meanwhile: then the clock runs again.
    if (!this.isConnected())
      rejectRequests.call(this, new ConnectionClosed('Closed connection', this))
    return ended
  }
}

function awaitVersions(prototype: Broker): void {
  const { connect, isConnected } = prototype
  if (typeof connect !== 'function') throw unlike('connect')
  if (typeof isConnected !== 'function') throw unlike('isConnected')
  const known = new WeakSet<Broker>()
  prototype.isConnected = function () {
    return known.has(this) && isConnected.call(this)
  }
  // It lets in one at a time, and knows the versions when the first has come through.
  prototype.connect = async function () {
    await connect.call(this)
    known.add(this)
  }
}

function restQueues(prototype: RequestQueue): void {
  const { scheduleCheckPendingRequests: schedule } = prototype
  if (typeof schedule !== 'function') throw unlike('scheduleCheckPendingRequests')
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this)
  }
}

function unlike(method: string): Error {
  return new Error(`kafkajs has no ${method}(): is it not 2.2.4?`)
}
