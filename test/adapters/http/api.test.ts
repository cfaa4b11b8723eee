// The lists API over real sockets: every answer is one that docs/openapi.json describes, and no request costs more than
// its bounds.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Failure } from '../../../src/errors.ts'
import { packageRoot } from '../../servers/versions.ts'
import { type Got, parsed, served } from './serving.ts'

const text = readFileSync(join(packageRoot, 'docs', 'openapi.json'), 'utf8')
const described = JSON.parse(text)
const ajv = new Ajv2020({ strict: false })
ajv.addSchema(described, 'api')

/** The body of an answer, after it was found to be as the description says for this path and status. */
function conforming(path: string, method: string, got: Got): Record<string, unknown> {
  const given = described.paths[path][method].responses[got.status]
  assert.ok(given !== undefined, `${path} may not answer ${got.status}: ${got.body}`)
  const name = given.$ref?.split('/').at(-1)
  const { content } = name === undefined ? given : described.components.responses[name]
  const body = parsed<Record<string, unknown>>(got)
  const { $ref } = content['application/json'].schema
  const isValid = ajv.getSchema(`api${$ref}`)!
  assert.ok(isValid(body), `${path}: ${ajv.errorsText(isValid.errors)} in ${got.body}`)
  return body
}

test('the description is valid OpenAPI, and the worker serves it', async (t) => {
  const { valid, errors } = await new Validator().validate(JSON.parse(text))
  assert.ok(valid, JSON.stringify(errors))
  const { get } = await served(t)
  assert.deepEqual(parsed(await get('/openapi.json')), described)
})

test('each path answers as it is described', async (t) => {
  const { get, post, lists } = await served(t)
  const list = conforming('/v1/users/{user}/list', 'get', await get('/v1/users/u1/list?k=3'))
  assert.equal((list.items as unknown[]).length, 3)
  const whole = conforming('/v1/users/{user}/list', 'get', await get('/v1/users/u1/list'))
  assert.equal((whole.items as unknown[]).length, 10, "the worker's own k")
  conforming('/v1/users/{user}/list', 'get', await get('/v1/users/nobody/list'))
  conforming('/v1/users/{user}/explain', 'get', await get('/v1/users/u1/explain'))
  conforming('/v1/users/{user}/explain', 'get', await get('/v1/users/nobody/explain'))
  conforming('/v1/items/{item}/similar', 'get', await get('/v1/items/i1/similar'))
  const unknown = conforming('/v1/items/{item}/similar', 'get', await get('/v1/items/i9/similar'))
  assert.match(String(unknown.error), /item/)
  assert.equal(conforming('/v1/popular', 'get', await get('/v1/popular?k=2')).source, 'POPULAR')
  const history = [{ item: 'i1', timestamp: 5 }, { item: 'i9' }, { item: 'i8', timestamp: null }]
  const got = conforming(
    '/v1/list',
    'post',
    await post('/v1/list', JSON.stringify({ history, k: 4 })),
  )
  assert.deepEqual(got.unknown, ['i9', 'i8'])
  assert.deepEqual(lists.asked.at(-1), [
    'forHistory',
    [{ item: 'i1', timestamp: 5 }, { item: 'i9' }, { item: 'i8' }],
    4,
  ])
})

test('ids are percent-encoded, and those that cannot be are refused with what was expected', async (t) => {
  const { get, lists } = await served(t)
  assert.equal((await get(`/v1/users/${encodeURIComponent('a/b ü')}/list`)).status, 200)
  assert.deepEqual(lists.asked, [['forUser', 'a/b ü', 10]])
  for (const path of [
    '/v1/users/%E0%A4%A/list',
    `/v1/users/${'x'.repeat(257)}/list`,
    '/v1/users//list',
  ]) {
    const body = conforming('/v1/users/{user}/list', 'get', await get(path))
    assert.match(String(body.error), /expected an id of 1 to 256 bytes|percent-encoded/, path)
  }
  assert.equal(lists.asked.length, 1)
})

test('a question that is out of bounds is refused with the bound', async (t) => {
  const { get, post, lists } = await served(t)
  for (const k of ['0', '1001', '-1', '1.5', 'ten', '1e3', '']) {
    const body = conforming('/v1/popular', 'get', await get(`/v1/popular?k=${k}`))
    assert.match(String(body.error), /whole number from 1 to 1000/, k)
  }
  const refused = [
    ['', /not JSON/],
    ['[1', /not JSON/],
    ['null', /expected \{"history"/],
    ['{}', /history is undefined/],
    ['{"history": "i1"}', /history is string/],
    [JSON.stringify({ history: Array(101).fill({ item: 'i1' }) }), /101 entries.* at most 100/],
    ['{"history": [{"item": 7}]}', /an id of 1 to 256 bytes/],
    ['{"history": [null]}', /an id of 1 to 256 bytes/],
    ['{"history": [{"item": "i1", "timestamp": "today"}]}', /ms since the epoch/],
    ['{"history": [{"item": "i1", "timestamp": 1e300}]}', /ms since the epoch/],
    ['{"history": [], "k": 2000}', /from 1 to 1000/],
  ] as const
  for (const [body, message] of refused) {
    const got = await post('/v1/list', body)
    assert.equal(got.status, 400, body)
    assert.match(String(conforming('/v1/list', 'post', got).error), message)
  }
  assert.deepEqual(lists.asked, [])
  const long = await post('/v1/list', `{"history": [{"item": "${'x'.repeat(9_000)}"}]}`)
  assert.equal(long.status, 413)
  assert.match(String(conforming('/v1/list', 'post', long).error), /at most 8192 bytes/)
})

test('a list is named by the version of the model, and not sent again to who has it', async (t) => {
  const { get } = await served(t)
  const first = await get('/v1/users/u1/list')
  assert.equal(first.headers.etag, '"42"')
  const again = await get('/v1/users/u1/list', { 'if-none-match': '"42"' })
  assert.deepEqual([again.status, again.body.length], [304, 0])
  assert.equal((await get('/v1/users/u1/list', { 'if-none-match': '"41"' })).status, 200)
})

test('while the worker is not ready nobody gets a list, and is told why', async (t) => {
  const { feed, get, lists } = await served(t)
  feed.failing = true
  const got = await get('/v1/popular')
  const body = conforming('/v1/popular', 'get', got)
  assert.deepEqual([got.status, got.headers['retry-after']], [503, '1'])
  assert.deepEqual(body.failing, [
    { name: 'store', detail: 'redis has not answered for 12 s; retrying' },
  ])
  assert.deepEqual(lists.asked, [])
})

test('the number of waiting questions is limited, and a worker that cannot answer is no internal error', async (t) => {
  const { get, lists } = await served(t)
  let letGo: () => void = () => undefined
  const gone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  lists.until = () => gone
  const waiting = Array.from({ length: 4 }, () => get('/v1/users/u1/list'))
  while (lists.asked.length < 4) await new Promise(setImmediate)
  const fifth = await get('/v1/users/u1/list')
  assert.equal(fifth.status, 503)
  assert.match(String(conforming('/v1/users/{user}/list', 'get', fifth).error), /4 questions wait/)
  letGo()
  for (const { status } of await Promise.all(waiting)) assert.equal(status, 200)
  lists.until = () => Promise.reject(new Failure('STORE_UNREACHABLE', 'redis is away'))
  const failed = await get('/v1/users/u1/list')
  assert.equal(failed.status, 503)
  assert.match(
    String(conforming('/v1/users/{user}/list', 'get', failed).error),
    /STORE_UNREACHABLE/,
  )
})

test('with a token the API asks for it, but not for its description', async (t) => {
  const { get, post } = await served(t, { token: 'correct horse' })
  assert.equal((await get('/v1/popular')).status, 401)
  assert.equal((await post('/v1/list', '{"history": []}')).status, 401)
  const authorization = 'Bearer correct horse'
  assert.equal((await get('/v1/popular', { authorization })).status, 200)
  assert.equal((await get('/openapi.json')).status, 200)
})

test('each path has one method', async (t) => {
  const { get, post } = await served(t)
  const posted = await post('/v1/popular', '{}')
  assert.deepEqual([posted.status, posted.headers.allow], [405, 'GET'])
  const gotten = await get('/v1/list')
  assert.deepEqual([gotten.status, gotten.headers.allow], [405, 'POST'])
  assert.equal((await get('/v1/users/u1')).status, 404)
  assert.equal((await get('/v1/items/i1/list')).status, 404)
  assert.equal((await get('/v1/users/u1/similar')).status, 404)
})
