// A status server with a made-up worker behind it, and a client that sends exactly what it is told.

import { type IncomingHttpHeaders, request } from 'node:http'
import type { TestContext } from 'node:test'
import { type StatusServerOptions, startStatusServer } from '../../../src/adapters/http/server.ts'
import { createFeed, silent } from './feed.ts'
import { apiOf, createMadeUpLists } from './made-up-lists.ts'

export interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export async function served(t: TestContext, options: Partial<StatusServerOptions> = {}) {
  const feed = createFeed()
  const lists = createMadeUpLists()
  const clock = { ms: 0 }
  const renders = { count: 0, running: 0, most: 0 }
  const registry = {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    metrics: async () => {
      renders.count += 1
      renders.running += 1
      renders.most = Math.max(renders.most, renders.running)
      await new Promise((resolve) => setImmediate(resolve))
      renders.running -= 1
      return `up ${renders.count}\n`
    },
  }
  const base = {
    status: feed,
    api: apiOf(lists),
    registry,
    log: silent,
    now: () => clock.ms,
    token: '',
  }
  const server = await startStatusServer({ ...base, host: '127.0.0.1', port: 0, ...options })
  t.after(() => server.close())
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask(server.url, path, headers, method)
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    ask(server.url, path, headers, 'POST', body)
  return { feed, lists, clock, renders, server, get, post }
}

/** node:http instead of fetch: it sends the path and the Host header as they are given. */
function ask(
  url: string,
  path: string,
  headers: Record<string, string>,
  method: string,
  body?: string,
) {
  const { hostname, port } = new URL(url)
  return new Promise<Got>((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const { statusCode = 0, headers: got } = response
        resolve({ status: statusCode, headers: got, body: Buffer.concat(chunks) })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

export const parsed = <T = unknown>({ body }: Got): T => JSON.parse(body.toString()) as T
