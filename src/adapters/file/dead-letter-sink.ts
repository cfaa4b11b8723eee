// Unusable records as lines of JSON in a file, in the JSON form of schemas/dead-letter.avsc.

import { isUtf8 } from 'node:buffer'
import type { DeadLetterSink } from '../../ports/sinks.ts'
import type { DeadLetter } from '../../types.ts'
import { type AppendOptions, createAppender } from './append.ts'
import { headBytes } from './form/lines.ts'

export interface DeadLetterLine {
  readonly reason: string
  readonly detail: string
  readonly stream: string
  readonly offset: number
  readonly line: number
  readonly key: string
  readonly tombstone: boolean
  readonly text: string
  readonly value: string
}

export function createFileDeadLetterSink(options: AppendOptions): DeadLetterSink {
  const out = createAppender(options)
  return {
    write: (letters) => {
      const lines = letters.map((letter) => `${JSON.stringify(deadLetterLine(letter))}\n`)
      return out.append(Buffer.from(lines.join('')))
    },
    close: () => out.close(),
  }
}

export function deadLetterLine(letter: DeadLetter): DeadLetterLine {
  const { fault, position } = letter
  const tooLarge = fault.reason === 'too_large'
  const bytes = Buffer.from(letter.value ?? [])
  const value = tooLarge ? bytes.subarray(0, headBytes) : bytes
  return {
    reason: fault.reason,
    detail: fault.detail,
    stream: position.stream,
    offset: position.offset,
    line: position.offset + 1,
    key: letter.key ?? '',
    tombstone: letter.value === null,
    text: isUtf8(value) ? value.toString('utf8') : '',
    value: value.toString('base64'),
  }
}
