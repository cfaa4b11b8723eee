// kafkajs 2.2.4 uses a connection again whose socket was cut in the middle of a response, and takes the bytes it had
// got for the beginning of the next response. What comes then fits no request, which waits for all of its time, or
// throws where nobody can catch it, which ends the process. Here every connection begins with nothing.

import { createRequire } from 'node:module'

/** What is known of kafkajs's inner connection. */
interface Connection {
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  isConnected(): boolean
  connect(): Promise<unknown>
}

/** Of the length in front of each response. */
const lengthBytes = 4
let isMended = false

/** Mends the library for the whole process, once. */
export function cleanConnections(): void {
  if (isMended) return
  isMended = true
  const load = createRequire(import.meta.url)
  const { prototype } = load('kafkajs/src/network/connection') as { prototype: Connection }
  const { connect } = prototype
  if (typeof connect !== 'function') throw new Error('kafkajs has no connect(): is it not 2.2.4?')
  prototype.connect = function (this: Connection) {
    if (!this.isConnected()) {
      this.chunks = []
      this.bytesBuffered = 0
      this.bytesNeeded = lengthBytes
    }
    return connect.call(this)
  }
}
