// The worker's window: probes, metrics, the status page and the lists API over HTTP. It changes nothing, and is bounded
// in connections, sizes and times, so that no client can cost the worker more than a little. Binds loopback unless told
// otherwise.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Failure } from '../../errors.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Status } from '../../ports/status.ts'
import { createHostCheck, createTokenCheck } from './access.ts'
import { type ApiOptions, createApi } from './api/routes.ts'
import { loadAssets } from './assets.ts'
import { boundConnections } from './connections.ts'
import { createCurves } from './curves.ts'
import { json, type Reply } from './reply.ts'
import { createRoutes, type Route } from './routes.ts'
import { createScrape, type Registry } from './scrape.ts'
import { send } from './send.ts'

export interface ApiSettings extends Omit<ApiOptions, 'now' | 'conditions'> {
  /** Longest body of a question. */
  readonly bodyBytesMax: number
}

export interface StatusServerOptions {
  readonly status: Status
  readonly registry: Registry
  readonly api: ApiSettings
  readonly log: Logger
  /** Milliseconds. */
  readonly now: () => number
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Empty: none is asked for. */
  readonly token: string
  /** Beyond this many, the connection that has been idle longest is closed. */
  readonly connectionsMax?: number
}

export interface StatusServer {
  readonly url: string
  close(): Promise<void>
}

const connectionsMaxDefault = 256

const limits = {
  headerBytes: 8_192,
  headersMs: 5_000,
  requestMs: 10_000,
  idleMs: 15_000,
  curvePoints: 720,
  sampleMs: 1_000,
} as const

/** @throws Failure LIMIT_REACHED when the address cannot be listened on. */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { status, registry, now } = options
  const { bodyBytesMax } = options.api
  const curves = createCurves(limits.curvePoints)
  const scrape = createScrape(registry, () => void status.state(), now)
  const api = createApi({ ...options.api, now, conditions: () => status.conditions() })
  const route = createRoutes({ status, assets: loadAssets(), curves, scrape, api })
  const mayAsk = createTokenCheck(options.token)
  const isForUs = createHostCheck(options.host)

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const found = route(path)
    const refused = refuse(request, found, isForUs, mayAsk)
    if (refused !== undefined || found === undefined) {
      await send(request, response, refused ?? json(404, { error: 'no such path' }), found?.method)
      return
    }
    const body = found.method === 'POST' ? await readBody(request, bodyBytesMax) : ''
    if (body === undefined) {
      const error = `a question has at most ${bodyBytesMax} bytes`
      await send(request, response, json(413, { error }))
      return
    }
    await send(request, response, await found.answer(new URLSearchParams(query), body))
  }

  const server = createServer({ maxHeaderSize: limits.headerBytes }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      options.log.repeated('http_failed', 'a request to the status server failed', { error })
      return send(request, response, json(500, { error: 'see the log' }))
    })
  })
  bound(server)
  boundConnections(server, options.connectionsMax ?? connectionsMaxDefault)
  await listen(server, options)
  const sampling = setInterval(() => {
    const state = status.state()
    // The curves of a worker that has finished stay as they were when it ended.
    if (state.finishedAt === undefined) curves.add(state)
  }, limits.sampleMs)
  sampling.unref()
  curves.add(status.state())
  const { address, port, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () => {
      clearInterval(sampling)
      return closed(server)
    },
  }
}

function refuse(
  request: IncomingMessage,
  route: Route | undefined,
  isForUs: (request: IncomingMessage) => boolean,
  mayAsk: (request: IncomingMessage) => boolean,
): Reply | undefined {
  const method = route?.method ?? 'GET'
  if (request.method !== method) return json(405, { error: `only ${method} is answered here` })
  if (!isForUs(request)) return json(421, { error: 'ask for localhost, or bind another address' })
  if (route === undefined || route.open || mayAsk(request)) return undefined
  return json(401, { error: 'a bearer token is needed' })
}

/** The body of a question; the server bounds the time. undefined: it has more than `bytesMax` bytes. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function bound(server: Server): void {
  server.headersTimeout = limits.headersMs
  server.requestTimeout = limits.requestMs
  server.keepAliveTimeout = limits.idleMs
  // A client that stops reading its answer is cut off too.
  server.setTimeout(limits.idleMs)
}

function listen(server: Server, { host, port }: StatusServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const text = `cannot listen on ${host} port ${port}: ${whyNot(cause)}`
      reject(new Failure('LIMIT_REACHED', text, { cause }))
    })
    server.listen({ host, port }, resolve)
  })
}

/** What keeps it from listening, and what to do. */
function whyNot(cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return 'another program listens there: stop it, or choose another --http-port'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address: choose another --http-host'
    case 'EACCES':
      return 'this user may not: choose an --http-port above 1023'
    default:
      return cause.message
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
