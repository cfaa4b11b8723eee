// A small client of a Confluent-compatible schema registry: schemas by id, for reading, and registering our own, for
// writing. Knows nothing of Avro: what a text means is decided by those who decode with it.

import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../errors.ts'
import { avroText, parsed, type SchemaReference } from './references.ts'
import { type Answer, type RegistryAccess, send } from './request.ts'

export interface SchemaRegistryOptions {
  /** The base of `/schemas/ids/{id}` and `/subjects/…`. */
  readonly url: string
  readonly access?: RegistryAccess
  readonly timeoutMs?: number
  readonly bodyBytesMax?: number
  /** How long «no such schema» is believed. */
  readonly missingMs?: number
  /** Pauses before an unknown id is asked for again: a replica may be behind. */
  readonly missingPausesMs?: readonly number[]
  /** Monotonic ms. */
  readonly now?: () => number
}

export interface SchemaRegistry {
  /**
   * The text of a schema; undefined when there is none of this id. What cannot be a schema of ours (another
   * format, too large, not JSON) is an empty text, which no decoder takes for a schema.
   * @throws Failure SOURCE_UNREACHABLE when the registry does not answer, or does not let us ask
   */
  schemaById(id: number): Promise<string | undefined>
  /** The id of this schema under the subject; the same for the same text. @throws Failure */
  register(subject: string, schema: string): Promise<number>
  /** The newest schema of a subject; undefined when it has none. @throws Failure */
  latest(subject: string): Promise<string | undefined>
}

const knownMax = 2_000

export function createSchemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  const request = createRequest(options)
  const now = options.now ?? (() => performance.now())
  const pauses = options.missingPausesMs ?? [500, 1_500, 3_000]
  const missingMs = options.missingMs ?? 30_000
  const known = new Map<number, string>()
  const missing = new Map<number, number>()
  const asking = new Map<number, Promise<string | undefined>>()

  async function ask(id: number): Promise<string | undefined> {
    for (let tries = 0; ; tries++) {
      const answer = await request('GET', `/schemas/ids/${id}`)
      if (answer.status !== 404) {
        const text = answer.status === 200 ? await avroText(answer.body, version) : ''
        remember(known, id, text)
        return text
      }
      const pause = pauses[tries]
      if (pause === undefined) break
      await delay(pause)
    }
    remember(missing, id, now() + missingMs)
    return undefined
  }

  /** A version of a subject, as schemas refer to it; undefined: there is none. */
  async function version(reference: SchemaReference): Promise<string | undefined> {
    const { subject, version: number } = reference
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${number}`
    const { status, body } = await request('GET', path)
    return status === 200 ? body : undefined
  }

  return {
    async schemaById(id) {
      const text = known.get(id)
      if (text !== undefined) return text
      if ((missing.get(id) ?? 0) > now()) return undefined
      const running = asking.get(id) ?? ask(id).finally(() => asking.delete(id))
      asking.set(id, running)
      return running
    },
    async register(subject, schema) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions`
      const { status, body } = await request('POST', path, JSON.stringify({ schema }))
      const id = parsed(body).id
      if (status === 200 && Number.isInteger(id)) return id as number
      const said = String(parsed(body).message ?? '').slice(0, 300)
      throw new Failure(
        'SINK_UNWRITABLE',
        `the schema registry refuses ${subject} (status ${status}: ${said}): check its compatibility rule`,
      )
    },
    async latest(subject) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`
      const { status, body } = await request('GET', path)
      return status === 404 ? undefined : await avroText(body, version)
    },
  }
}

/** @throws Failure SETTINGS_INVALID; what it returns throws SOURCE_UNREACHABLE where there is no usable answer */
function createRequest(options: SchemaRegistryOptions) {
  const base = baseOf(options.url)

  return async (method: 'GET' | 'POST', path: string, body?: string): Promise<Answer> => {
    try {
      const answer = await send({
        url: new URL(base + path),
        method,
        ...(body === undefined ? {} : { body }),
        access: options.access ?? {},
        timeoutMs: options.timeoutMs ?? 5_000,
        bytesMax: options.bodyBytesMax ?? 1024 * 1024,
      })
      if (answer.status >= 500 || [401, 403, 407, 408, 429].includes(answer.status)) {
        throw new Error(`it answers with status ${answer.status}${hint(answer.status)}`)
      }
      return answer
    } catch (cause) {
      const why = `the schema registry at ${new URL(base).host} cannot be asked`
      const message = `${why}: ${(cause as Error).message || (cause as NodeJS.ErrnoException).code}`
      throw new Failure('SOURCE_UNREACHABLE', message, { cause })
    }
  }
}

/** @throws Failure SETTINGS_INVALID */
function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw new Failure(
      'SETTINGS_INVALID',
      'SCHEMA_REGISTRY_URL is not a usable address: expected http(s)://host[:port][/path] without a user',
    )
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function hint(status: number): string {
  return status === 401 || status === 403 ? ': check the registry user, password or token' : ''
}

function remember<T>(map: Map<number, T>, id: number, value: T): void {
  map.set(id, value)
  for (const oldest of map.keys()) {
    if (map.size <= knownMax) return
    map.delete(oldest)
  }
}
