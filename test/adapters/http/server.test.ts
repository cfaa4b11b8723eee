// The status server over real sockets: what each path answers, who is refused, and what no client can do to it.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import type { Curves } from '../../../src/adapters/http/curves.ts'
import { Failure } from '../../../src/errors.ts'
import type { State } from '../../../src/ports/status.ts'
import type { Explanation } from '../../../src/requests.ts'
import { createFeed } from './feed.ts'
import { parsed, served } from './serving.ts'

test('the probes answer, and /readyz names each condition that fails', async (t) => {
  const { feed, get } = await served(t)
  assert.equal((await get('/livez')).status, 200)
  assert.deepEqual(parsed(await get('/readyz')), { ready: true, failing: [] })
  feed.failing = true
  const got = await get('/readyz')
  assert.equal(got.status, 503)
  assert.deepEqual(parsed(got), {
    ready: false,
    failing: [{ name: 'store', detail: 'redis has not answered for 12 s; retrying' }],
  })
  assert.equal((await get('/livez')).status, 200, 'not ready is not dead')
})

test('the state, the curves and a user come as JSON', async (t) => {
  const { feed, get } = await served(t)
  feed.tick = 10
  assert.equal(parsed<State>(await get('/api/state')).version, '0.1.0')
  const curves = parsed<Curves>(await get('/api/curves?after=-1&grain=-1'))
  assert.equal(curves.columns.time.length, 1)
  assert.equal(
    parsed<Explanation>(await get(`/api/user/${encodeURIComponent('a/b ü')}`)).user,
    'a/b ü',
  )
  assert.equal((await get('/api/user/nobody')).status, 404)
  assert.equal((await get('/api/user/%E0%A4%A')).status, 400)
  assert.equal((await get(`/api/user/${'x'.repeat(2_000)}`)).status, 400)
  assert.equal((await get('/api/user/')).status, 400)
})

test('a thousand scrapes in a second cost one render at a time and one a second', async (t) => {
  const { clock, renders, get } = await served(t)
  const batch = () => Promise.all(Array.from({ length: 50 }, () => get('/metrics')))
  for (let k = 0; k < 20; k++) {
    for (const { status, headers } of await batch()) {
      assert.equal(status, 200)
      assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    }
  }
  assert.equal(renders.count, 1)
  clock.ms += 1_000
  await batch()
  assert.deepEqual([renders.count, renders.most], [2, 1])
})

test('a render that fails is told as 500 and tried again at the next scrape', async (t) => {
  let broken = true
  const registry = {
    contentType: 'text/plain',
    metrics: async () => {
      if (broken) throw new Error('render failed')
      return 'up 1\n'
    },
  }
  const { get } = await served(t, { registry })
  assert.equal((await get('/metrics')).status, 500)
  broken = false
  assert.equal((await get('/metrics')).status, 200)
})

test('only GET, only known paths, and no path leads to the disk', async (t) => {
  const { get } = await served(t)
  for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
    const got = await get('/metrics', {}, method)
    assert.equal(got.status, 405, method)
    assert.equal(got.headers.allow, 'GET')
  }
  const hostile = [
    '/../package.json',
    '/page/../../server.js',
    '/%2e%2e/package.json',
    '/status',
    '//',
  ]
  for (const path of [...hostile, '/api', '/metrics/', '/constructor', '/__proto__']) {
    assert.equal((await get(path)).status, 404, path)
  }
})

test('with a token everything but the probes and the empty page asks for it', async (t) => {
  const { get } = await served(t, { token: 'correct horse' })
  for (const path of ['/metrics', '/api/state', '/api/curves', '/api/user/u1']) {
    assert.equal((await get(path)).status, 401, path)
    assert.equal((await get(path, { authorization: 'Bearer wrong' })).status, 401, path)
    assert.equal((await get(path, { authorization: 'Basic correct horse' })).status, 401, path)
    assert.equal((await get(path, { authorization: 'Bearer correct horse' })).status, 200, path)
  }
  for (const path of ['/livez', '/readyz', '/', '/status.js']) {
    assert.equal((await get(path)).status, 200, path)
  }
})

test('on loopback a foreign host name is refused, so no web page can read the worker', async (t) => {
  const { get } = await served(t)
  for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example']) {
    assert.equal((await get('/api/state', { host })).status, 421, host)
  }
  for (const host of ['localhost:9090', '127.0.0.1', '[::1]:80']) {
    assert.equal((await get('/api/state', { host })).status, 200, host)
  }
})

test('the page comes compressed, is cached by content, and may load only its own files', async (t) => {
  const { get } = await served(t)
  const plain = await get('/')
  const small = await get('/', { 'accept-encoding': 'gzip, br' })
  assert.equal(small.headers['content-encoding'], 'br')
  assert.deepEqual(brotliDecompressSync(small.body), plain.body)
  assert.match(
    String(plain.headers['content-security-policy']),
    /default-src 'none'; script-src 'self'/,
  )
  const again = await get('/', { 'if-none-match': plain.headers.etag ?? '' })
  assert.deepEqual([again.status, again.body.length], [304, 0])
  assert.ok(
    !/<script>|style=|https?:\/\//.test(plain.body.toString()),
    'nothing inline or from afar',
  )
  let transferred = small.body.length
  for (const [, path = ''] of plain.body.toString().matchAll(/(?:src|href)="([a-z.]+\.\w+)"/g)) {
    const got = await get(`/${path}`, { 'accept-encoding': 'gzip' })
    assert.equal(got.status, 200, path)
    transferred += got.body.length
  }
  assert.ok(transferred < 100_000, `${transferred} bytes`)
})

test('only a few may ask the trainer at once; a trainer that cannot answer is no error of ours', async (t) => {
  const feed = createFeed()
  const answers: (() => void)[] = []
  feed.ask = () => new Promise((resolve) => answers.push(() => resolve(undefined)))
  const { get } = await served(t, { status: feed })
  const asked = Array.from({ length: 4 }, () => get('/api/user/u1'))
  while (answers.length < 4) await new Promise((resolve) => setImmediate(resolve))
  const fifth = await get('/api/user/u1')
  assert.deepEqual([fifth.status, fifth.headers['retry-after']], [503, '1'])
  for (const answer of answers) answer()
  assert.deepEqual([...new Set((await Promise.all(asked)).map(({ status }) => status))], [404])
  feed.ask = () => Promise.reject(new Failure('TRAINER_FAILED', 'the trainer is gone'))
  assert.equal((await get('/api/user/u1')).status, 503)
})

test('headers too large are refused, and close() cuts a client that never finishes', async (t) => {
  const { server, get } = await served(t)
  assert.equal((await get('/livez', { 'x-large': 'x'.repeat(10_000) })).status, 431)
  const { hostname, port } = new URL(server.url)
  const slow = connect(Number(port), hostname)
  await new Promise((resolve) => slow.once('connect', resolve))
  slow.write('GET /livez HTTP/1.1\r\nHost: local')
  const cut = new Promise((resolve) => slow.once('close', resolve))
  slow.on('error', () => slow.destroy())
  await server.close()
  await cut
})

test('connections that others keep open cost no probe its answer, and stay bounded', async (t) => {
  const { server, get } = await served(t)
  const { hostname, port } = new URL(server.url)
  let open = 0
  const keep = () =>
    new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        open++
        resolve()
      })
      socket.on('error', () => socket.destroy())
      socket.once('close', () => open--)
      t.after(() => socket.destroy())
    })
  for (let k = 0; k < 20; k++) {
    await Promise.all(Array.from({ length: 30 }, keep))
    assert.equal((await get('/livez')).status, 200)
  }
  while (open > 256) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(open >= 200, `${open} connections: only as many are closed as must be`)
})

test('the connection that has been idle longest is closed first, one that is asking last', async (t) => {
  const feed = createFeed()
  let answer = (): void => undefined
  feed.ask = () => new Promise((resolve) => (answer = () => resolve(undefined)))
  const { server, get } = await served(t, { status: feed, connectionsMax: 2 })
  const { hostname, port } = new URL(server.url)
  const asking = get('/api/user/u1')
  const idle = connect(Number(port), hostname)
  await new Promise((resolve) => idle.once('connect', resolve))
  const closed = new Promise((resolve) => idle.once('close', resolve))
  assert.equal((await get('/livez')).status, 200)
  await closed
  answer()
  assert.equal((await asking).status, 404, 'the request under way was not cut')
})

test('a taken port is told with what to do', async (t) => {
  const { server } = await served(t)
  const port = Number(new URL(server.url).port)
  await assert.rejects(served(t, { port }), (error: Failure) => {
    assert.equal(error.code, 'LIMIT_REACHED')
    assert.match(
      error.message,
      /another program listens there: stop it, or choose another --http-port/,
    )
    return true
  })
})
