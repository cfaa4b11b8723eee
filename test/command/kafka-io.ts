// What the commands around Kafka may touch, for tests against the real servers.

import { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { given, keepingLogger } from '../adapters/kafka/real-kafka.ts'

export function io(env: Readonly<Record<string, string>> = {}) {
  const printed: string[] = []
  const exits: number[] = []
  const into = (lines: string[]) =>
    new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk))
        done()
      },
    })
  return {
    env: { KAFKA_BROKERS: given('KAFKA_BROKERS'), ...env },
    stdout: into(printed),
    stderr: into([]),
    logger: keepingLogger(),
    stdin: Readable.from([]),
    nowMs: () => Date.now(),
    elapsedMs: () => performance.now(),
    pause: (ms: number) => delay(ms),
    stop: new AbortController().signal,
    exit: (code: number) => void exits.push(code),
    exits,
    text: () => printed.join(''),
  }
}
