// Who may ask: the bearer token, and the host name a loopback server answers to.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** Compares in the same time whatever is given. No token set: everyone may. */
export function createTokenCheck(token: string): (request: IncomingMessage) => boolean {
  if (token === '') return () => true
  const wanted = digest(token)
  return (request) => {
    const [, given] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    return given !== undefined && timingSafeEqual(digest(given), wanted)
  }
}

/**
 * A server on loopback answers only to loopback names: else a web page could point a name of its own at
 * 127.0.0.1 and have a visitor's browser read the worker for it.
 */
export function createHostCheck(boundTo: string): (request: IncomingMessage) => boolean {
  if (!isLoopback(boundTo)) return () => true
  return (request) => isLoopback(hostName(request.headers.host ?? ''))
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

/** `[::1]:80` → `::1`, `localhost:80` → `localhost`. */
function hostName(header: string): string {
  const [, six] = /^\[([^\]]+)\]/.exec(header) ?? []
  return (six ?? header.replace(/:\d+$/, '')).toLowerCase()
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
