// What each path answers, as plain values: no sockets here, so everything but the transport tests alone.

import { Failure } from '../../errors.ts'
import type { Status } from '../../ports/status.ts'
import type { ApiRoute } from './api/routes.ts'
import type { Asset } from './assets.ts'
import type { createCurves } from './curves.ts'
import { json, type Reply } from './reply.ts'
import type { Rendered } from './scrape.ts'

export interface Route {
  /** Whether it may be asked without the token: probes, and the page, which holds no data itself. */
  readonly open: boolean
  /** GET where it is left out. */
  readonly method?: 'GET' | 'POST'
  /** `body`: of a POST. */
  answer(query: URLSearchParams, body: string): Reply | Promise<Reply>
}

export interface RouteParts {
  readonly status: Status
  readonly assets: ReadonlyMap<string, Asset>
  readonly curves: ReturnType<typeof createCurves>
  readonly scrape: () => Promise<Rendered>
  readonly api: (path: string) => ApiRoute | undefined
}

const userPath = '/api/user/'
const userCharactersMax = 1_024
const asksMax = 4

export function createRoutes({ status, assets, curves, scrape, api }: RouteParts) {
  const fixed = new Map<string, Route>([
    ['/livez', { open: true, answer: () => live(status) }],
    ['/readyz', { open: true, answer: () => ready(status) }],
    ['/metrics', { open: false, answer: async () => ({ status: 200, ...(await scrape()) }) }],
    ['/api/state', { open: false, answer: () => json(200, status.state()) }],
    [
      '/api/curves',
      {
        open: false,
        answer: (query) => json(200, curves.read(number(query, 'after'), number(query, 'grain'))),
      },
    ],
  ])
  for (const [path, asset] of assets) fixed.set(path, { open: true, answer: () => ({ asset }) })
  const user = createUserRoute(status)

  return (path: string): Route | undefined => {
    const asked = api(path)
    if (asked !== undefined) {
      const { method, answer } = asked
      return { open: false, method, answer: (query, body) => answer({ query, body }) }
    }
    if (!path.startsWith(userPath)) return fixed.get(path)
    return { open: false, answer: () => user(path.slice(userPath.length)) }
  }
}

function live(status: Status): Reply {
  const { ok, detail } = status.alive()
  return json(ok ? 200 : 503, { live: ok, detail })
}

function ready(status: Status): Reply {
  const failing = status.conditions().filter((one) => !one.ok)
  const shown = failing.map(({ name, detail }) => ({ name, detail }))
  return json(failing.length === 0 ? 200 : 503, { ready: failing.length === 0, failing: shown })
}

/** Asking costs the trainer a turn, so only a few may ask at once. */
function createUserRoute(status: Status): (encoded: string) => Promise<Reply> {
  let asking = 0
  return async (encoded) => {
    const user = decoded(encoded)
    if (user === undefined) return json(400, { error: 'the user id is not a valid URL part' })
    if (asking >= asksMax) return json(503, { error: 'others are asking, try again in a second' })
    asking += 1
    try {
      const found = await status.ask(user)
      return found === undefined ? json(404, { error: 'no such user' }) : json(200, found)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return json(503, { error: `the trainer cannot answer now (${error.code})` })
    } finally {
      asking -= 1
    }
  }
}

function decoded(encoded: string): string | undefined {
  if (encoded === '' || encoded.length > userCharactersMax * 3) return undefined
  try {
    const user = decodeURIComponent(encoded)
    return user.length > userCharactersMax ? undefined : user
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

function number(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name) ?? '-1')
  return Number.isFinite(value) ? value : -1
}
