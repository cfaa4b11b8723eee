// Writes one reply: the headers that every answer carries, and the compressed form that the reader takes.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Asset, Compression } from './assets.ts'
import type { Reply } from './reply.ts'

const always = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** `allowed`: the methods of a path that was asked with another one. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  allowed = 'GET',
): Promise<void> {
  if (response.headersSent) {
    response.destroy()
    return
  }
  for (const [name, value] of Object.entries(always)) response.setHeader(name, value)
  if ('asset' in reply) {
    await sendAsset(request, response, reply.asset)
    return
  }
  if (reply.status === 405) response.setHeader('Allow', allowed)
  if (reply.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  if (reply.status === 503) response.setHeader('Retry-After', '1')
  // A body that nobody reads would keep the connection busy.
  if (reply.status === 405 || reply.status === 413) response.setHeader('Connection', 'close')
  if (reply.etag !== undefined) {
    response.setHeader('ETag', reply.etag)
    response.setHeader('Cache-Control', 'private, no-cache')
    if (request.headers['if-none-match'] === reply.etag) {
      response.writeHead(304).end()
      return
    }
  }
  const body = Buffer.from(reply.text)
  response.writeHead(reply.status, { 'Content-Type': reply.type, 'Content-Length': body.length })
  response.end(body)
}

/** The better one first. */
const encodings: readonly Compression[] = ['br', 'gzip']

async function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  asset: Asset,
): Promise<void> {
  response.setHeader('Cache-Control', 'no-cache')
  response.setHeader('ETag', asset.etag)
  response.setHeader('Vary', 'Accept-Encoding')
  if (request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304).end()
    return
  }
  const accepted = String(request.headers['accept-encoding'] ?? '').split(/\W+/)
  const encoding = encodings.find((one) => accepted.includes(one))
  const body = encoding === undefined ? asset.plain : await asset.compressed(encoding)
  if (encoding !== undefined) response.setHeader('Content-Encoding', encoding)
  response.writeHead(200, { 'Content-Type': asset.type, 'Content-Length': body.length })
  response.end(body)
}
