// What is wrong in kafkajs 2.2.4, the newest there is, and can be mended from outside.
//
// It uses a connection again whose socket was cut in the middle of a response, and takes the bytes it had got for the
// beginning of the next response. What comes then fits no request, which waits for all of its time, or throws where
// nobody can catch it, which ends the process. Here every connection begins with nothing.
//
// Once a connection has had an answer, a timer looks every millisecond whether a request waits to be sent, for as long
// as the connection lives (https://github.com/tulios/kafkajs/issues/1704): on a machine with other work that took 40 ms
// of processor time a second. Here it is only set while one waits.

import { createRequire } from 'node:module'

/** What is known of kafkajs's inner connection. */
interface Connection {
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  isConnected(): boolean
  connect(): Promise<unknown>
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
  cleanConnections((load('kafkajs/src/network/connection') as { prototype: Connection }).prototype)
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
