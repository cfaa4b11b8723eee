// What a command prints, kept for its test.

import { Readable, Writable } from 'node:stream'

export class Captured extends Writable {
  text = ''
  private readonly onWrite: (text: string) => void

  constructor(onWrite: (text: string) => void = () => undefined) {
    super()
    this.onWrite = onWrite
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8')
    this.onWrite(chunk.toString('utf8'))
    done()
  }
}

/** No settings, nothing on standard input, the time of day; every look at the clock takes a millisecond. */
export function commandIo(stop = new AbortController().signal) {
  let ms = 0
  return {
    ...{ env: {}, stdin: Readable.from([]), stdout: new Captured(), stderr: new Captured() },
    ...{ nowMs: () => Date.now(), elapsedMs: () => ++ms, processorMs: () => 0, stop },
    pause: async () => undefined,
  }
}
