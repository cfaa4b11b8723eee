// One bounded request over http(s): a deadline for the whole answer, a cap on its size, redirects only within the
// same origin, and the ways to prove who asks. Node's fetch cannot show a client certificate, so this is node:https.

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Secret } from '../../settings/secret.ts'

export interface RegistryAccess {
  readonly basic?: { readonly user: string; readonly password: Secret }
  readonly bearer?: Secret
  /** PEM. */
  readonly ca?: string
  readonly certificate?: string
  readonly key?: Secret
}

export interface RequestOptions {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly body?: string
  readonly access: RegistryAccess
  readonly timeoutMs: number
  readonly bytesMax: number
}

/** `body` is undefined when it was over the limit. */
export interface Answer {
  readonly status: number
  readonly body: string | undefined
}

const redirectsMax = 3

/** @throws Error when there is no whole answer in time, or a redirect leads to another host. */
export async function send(options: RequestOptions): Promise<Answer> {
  const deadline = AbortSignal.timeout(options.timeoutMs)
  let { url } = options
  for (let redirects = 0; ; redirects++) {
    const reply = await ask({ ...options, url }, deadline)
    const status = reply.statusCode ?? 0
    const { location } = reply.headers
    if (status < 300 || status >= 400 || location === undefined) {
      return { status, body: await readBody(reply, options.bytesMax) }
    }
    reply.destroy()
    const target = new URL(location, url)
    if (target.origin !== url.origin) throw new Error(`redirected to another host: ${target.host}`)
    if (redirects >= redirectsMax) throw new Error(`more than ${redirectsMax} redirects`)
    url = target
  }
}

function ask(options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, method, body, access } = options
  const secure = url.protocol === 'https:'
  const headers: Record<string, string> = {
    accept: 'application/vnd.schemaregistry.v1+json, application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/vnd.schemaregistry.v1+json' }),
    ...authorization(access),
  }
  const tls = {
    minVersion: 'TLSv1.2' as const,
    ...(access.ca === undefined ? {} : { ca: access.ca }),
    ...(access.certificate === undefined ? {} : { cert: access.certificate }),
    ...(access.key === undefined ? {} : { key: access.key.reveal() }),
  }
  return new Promise((resolve, reject) => {
    const common = { method, headers, signal }
    const sent = secure
      ? httpsRequest(url, { ...common, ...tls }, resolve)
      : httpRequest(url, common, resolve)
    sent.once('error', reject)
    sent.end(body)
  })
}

function authorization(access: RegistryAccess): Record<string, string> {
  if (access.bearer !== undefined) return { authorization: `Bearer ${access.bearer.reveal()}` }
  if (access.basic === undefined) return {}
  const { user, password } = access.basic
  const token = Buffer.from(`${user}:${password.reveal()}`).toString('base64')
  return { authorization: `Basic ${token}` }
}

async function readBody(reply: IncomingMessage, bytesMax: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bytesMax) {
      reply.destroy()
      return undefined
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
