// Schemas that refer to others, put together into one that stands by itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import { avroText } from '../../../src/adapters/registry/references.ts'

const who = {
  type: 'record',
  name: 'Who',
  namespace: 'a.b',
  fields: [{ name: 'id', type: 'string' }],
}
const click = {
  type: 'record',
  name: 'Click',
  namespace: 'a.b',
  fields: [
    { name: 'by', type: 'Who' },
    { name: 'seenBy', type: { type: 'array', items: ['null', 'a.b.Who'] } },
    { name: 'where', type: 'c.Place' },
  ],
}
const place = {
  type: 'record',
  name: 'c.Place',
  fields: [{ name: 'owner', type: ['null', 'a.b.Who'] }],
}

function answer(schema: object, references: readonly object[] = []): string {
  return JSON.stringify({ schema: JSON.stringify(schema), references })
}

const toWho = { name: 'a.b.Who', subject: 'who', version: 1 }
const toPlace = { name: 'c.Place', subject: 'place', version: 2 }
const there: Readonly<Record<string, string>> = {
  'who/1': answer(who),
  'place/2': answer(place, [toWho]),
}

async function text(body: string, from = there): Promise<string> {
  return avroText(body, async ({ subject, version }) => from[`${subject}/${version}`])
}

test('what is referred to stands where its name stood first', async () => {
  const whole = await text(answer(click, [toPlace, toWho]))
  const type = avsc.Type.forSchema(JSON.parse(whole))
  const value = { by: { id: 'u' }, seenBy: [{ id: 'v' }], where: { owner: { id: 'w' } } }
  assert.deepEqual(JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(value)))), value)
})

test('what is not there, no Avro, or without end gives no schema', async () => {
  assert.equal(await text(answer(click, [{ ...toWho, version: 9 }, toPlace])), '')
  assert.equal(await text(answer(click, [{ name: 'a.b.Who' }])), '')
  assert.equal(await text('{"schema":"{}","schemaType":"PROTOBUF"}'), '')
  assert.equal(await text('<html>'), '')
  let asked = 0
  const endless = await avroText(answer(click, [toWho]), async () => {
    asked++
    return answer(who, [{ name: `x${asked}`, subject: 'who', version: 1 }])
  })
  assert.equal(endless, '')
  assert.ok(asked <= 101)
  assert.equal(await text(answer(who)), JSON.stringify(who))
})
