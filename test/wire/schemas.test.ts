// The published schemas: every field says what it means, and what is written in their JSON form fits.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import { deadLetterLine } from '../../src/adapters/file/dead-letter-sink.ts'
import { deadLetterSchema, interactionSchema, topListSchema } from '../../src/wire/schemas.ts'

interface Described {
  readonly name?: string
  readonly doc?: string
  readonly type?: unknown
  readonly items?: unknown
  readonly fields?: readonly Described[]
}

function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { name, doc, type, items, fields = [] } = schema as Described
  const here = name === undefined ? path : `${path}/${name}`
  const own = name !== undefined && !doc?.endsWith('.') ? [here] : []
  const inner = [type, items, ...fields].flatMap((one) => undescribed(one, here))
  return [...own, ...inner]
}

for (const schema of [interactionSchema, topListSchema, deadLetterSchema]) {
  const { name } = JSON.parse(schema) as { name: string }
  test(`${name}: every record, enum and field has a doc`, () => {
    assert.deepEqual(undescribed(JSON.parse(schema), ''), [])
  })
}

test('a line of the dead-letter file is the JSON form of its schema', () => {
  const type = avsc.Type.forSchema(JSON.parse(deadLetterSchema))
  const fault = { reason: 'decode', detail: 'expected one whole datum' } as const
  const position = { stream: 'events/0', offset: 6 }
  for (const value of [Buffer.from([0xff, 0]), Buffer.from('text'), null]) {
    const line = deadLetterLine({ fault, position, key: null, value })
    assert.equal(type.toString(line), JSON.stringify(line))
    assert.equal(line.line, 7)
  }
})
