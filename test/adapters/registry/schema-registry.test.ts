// The registry client against a real registry, and against servers that answer as none should.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createSchemaRegistry } from '../../../src/adapters/registry/schema-registry.ts'
import { secret } from '../../../src/settings/secret.ts'
import { interactionSchema } from '../../../src/wire/schemas.ts'
import { given } from '../kafka/real-kafka.ts'

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a schema registered is found by its id, and has one id', async () => {
  const registry = createSchemaRegistry({ url: given('SCHEMA_REGISTRY_URL') })
  const subject = `${randomUUID()}-value`
  const id = await registry.register(subject, interactionSchema)
  assert.equal(await registry.register(subject, interactionSchema), id)
  const text = await registry.schemaById(id)
  assert.deepEqual(JSON.parse(text ?? ''), JSON.parse(interactionSchema))
})

test('an id that nobody gave is none, after asking again; soon after it is not asked for', async () => {
  const url = given('SCHEMA_REGISTRY_URL')
  const registry = createSchemaRegistry({ url, missingPausesMs: [10, 10] })
  assert.equal(await registry.schemaById(987_654_321), undefined)
})

test('one request for many askers; a «no» is believed for a while, a schema for ever', async (t) => {
  let requests = 0
  let there = false
  let time = 0
  const url = await serve(t, (_, reply) => {
    requests++
    if (!there) return void reply.writeHead(404).end('{}')
    reply.end(JSON.stringify({ schema: '"string"' }))
  })
  const registry = createSchemaRegistry({ url, missingPausesMs: [1], now: () => time })
  assert.deepEqual(await Promise.all([registry.schemaById(1), registry.schemaById(1)]), [
    undefined,
    undefined,
  ])
  assert.equal(requests, 2, 'one ask and one more try for both')
  there = true
  assert.equal(await registry.schemaById(1), undefined)
  time = 30_001
  assert.equal(await registry.schemaById(1), '"string"')
  there = false
  assert.equal(await registry.schemaById(1), '"string"')
  assert.equal(requests, 3)
})

const cases: readonly (readonly [string, RequestListener, 'bad' | RegExp])[] = [
  ['HTML', (_, reply) => reply.end('<html>maintenance</html>'), 'bad'],
  ['another format', (_, reply) => reply.end('{"schema":"{}","schemaType":"JSON"}'), 'bad'],
  [
    'references',
    (_, reply) => reply.end('{"schema":"\\"x\\"","references":[{"name":"x"}]}'),
    'bad',
  ],
  ['too large', (_, reply) => reply.end(Buffer.alloc(2 * 1024 * 1024, 'x')), 'bad'],
  ['status 500', (_, reply) => reply.writeHead(500).end(), /status 500/],
  ['status 401', (_, reply) => reply.writeHead(401).end(), /status 401: check the registry user/],
  ['silence', () => undefined, /cannot be asked/],
  [
    'a redirect to another host',
    (_, reply) => reply.writeHead(302, { location: 'http://127.0.0.2:1/' }).end(),
    /redirected to another host/,
  ],
  [
    'redirects without end',
    (_, reply) => reply.writeHead(302, { location: '/again' }).end(),
    /more than 3 redirects/,
  ],
]

for (const [name, answer, outcome] of cases) {
  test(`${name} is ${outcome === 'bad' ? 'no schema of ours' : 'an outage'}`, async (t) => {
    const url = await serve(t, answer)
    // Short where it is waited for: two megabytes may take as long on a busy machine.
    const registry = createSchemaRegistry({ url, timeoutMs: name === 'silence' ? 300 : 5_000 })
    if (outcome === 'bad') return assert.equal(await registry.schemaById(1), '')
    await assert.rejects(registry.schemaById(1), { code: 'SOURCE_UNREACHABLE', message: outcome })
  })
}

test('an answer that trickles ends at the deadline', async (t) => {
  const url = await serve(t, async (_, reply) => {
    for (let sent = 0; sent < 100 && !reply.destroyed; sent++) {
      reply.write(' ')
      await delay(20)
    }
    reply.end('{}')
  })
  const registry = createSchemaRegistry({ url, timeoutMs: 200 })
  await assert.rejects(registry.schemaById(1), { code: 'SOURCE_UNREACHABLE' })
})

test('who asks is said as configured, and errors do not tell the password', async (t) => {
  const seen: (string | undefined)[] = []
  const url = await serve(t, (request, reply) => {
    seen.push(request.headers.authorization)
    reply.writeHead(403).end()
  })
  const basic = { user: 'ada', password: secret('canary-5713') }
  const failing = createSchemaRegistry({ url, access: { basic } }).schemaById(1)
  await assert.rejects(failing, (error: Error) => !`${error.stack}`.includes('canary'))
  const bearer = secret('token-5713')
  await assert.rejects(createSchemaRegistry({ url, access: { bearer } }).schemaById(1))
  const encoded = Buffer.from('ada:canary-5713').toString('base64')
  assert.deepEqual(seen, [`Basic ${encoded}`, 'Bearer token-5713'])
})
