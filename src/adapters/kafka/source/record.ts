// A message of kafkajs as a record of ours.

import type { KafkaMessage } from 'kafkajs'
import type { SourceRecord } from '../../../types.ts'

/** Key and headers are made text when they are asked for: most records tell everything in the value. */
export class KafkaRecord implements SourceRecord {
  readonly position: SourceRecord['position']
  readonly value: Uint8Array | null
  readonly keyBytes: Uint8Array | null
  readonly #message: KafkaMessage

  constructor(stream: string, message: KafkaMessage) {
    this.position = { stream, offset: Number(message.offset) }
    this.value = message.value
    this.keyBytes = message.key
    this.#message = message
  }

  get key(): string | null {
    const { key } = this.#message
    return key === null ? null : key.toString('utf8')
  }

  get timestamp(): number {
    return Number(this.#message.timestamp)
  }

  get headers(): Readonly<Record<string, string>> {
    return headerTexts(this.#message.headers)
  }
}

/** Of a name that stands several times the last counts. */
function headerTexts(headers: KafkaMessage['headers']): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined) texts[name] = last.toString('utf8')
  }
  return texts
}
