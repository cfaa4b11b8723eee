// The paths under /v1 for applications, as docs/openapi.json tells them. Everything that is asked is checked here and
// bounded; answers are those of the list service.

import { Failure } from '../../../errors.ts'
import type { ListService } from '../../../ports/list-service.ts'
import type { Condition } from '../../../ports/status.ts'
import type { ServedList } from '../../../requests.ts'
import { json, type Reply } from '../reply.ts'
import { Invalid, idOf, kOf, type QuestionLimits, readQuestion } from './questions.ts'

export const operations = ['list', 'rank', 'similar', 'popular', 'explain'] as const
export type Operation = (typeof operations)[number]

/** Why a question got no list. */
export const refusals = ['not_ready', 'busy', 'invalid', 'unknown'] as const
export type Refusal = (typeof refusals)[number]

export interface ApiOptions extends QuestionLimits {
  readonly lists: ListService
  readonly conditions: () => readonly Condition[]
  /** Questions at once: further ones are told to come again. */
  readonly asksMax: number
  /** Monotonic ms. */
  readonly now: () => number
  /** The answer to a question took this many seconds. */
  readonly took: (operation: Operation, seconds: number) => void
  readonly refused: (reason: Refusal) => void
}

export interface Asked {
  readonly query: URLSearchParams
  /** The request's body, of a POST. */
  readonly body: string
}

export interface ApiRoute {
  readonly method: 'GET' | 'POST'
  answer(asked: Asked): Promise<Reply>
}

const pathOfId = /^\/v1\/(users|items)\/([^/]*)\/(list|explain|similar)$/

type Answering = (asked: Asked, k: number) => Promise<object | undefined>

export function createApi(options: ApiOptions): (path: string) => ApiRoute | undefined {
  const { lists } = options
  let asking = 0

  async function answer(operation: Operation, asked: Asked, work: Answering): Promise<Reply> {
    const failing = options.conditions().filter(({ ok }) => !ok)
    if (failing.length > 0) {
      options.refused('not_ready')
      const told = failing.map(({ name, detail }) => ({ name, detail }))
      return json(503, { error: 'not ready', failing: told })
    }
    if (asking >= options.asksMax) {
      options.refused('busy')
      return json(503, { error: `${asking} questions wait already; come again in a second` })
    }
    asking += 1
    const before = options.now()
    try {
      const k = operation === 'rank' ? options.k : kOf(asked.query.get('k'), options)
      const found = await work(asked, k)
      options.took(operation, (options.now() - before) / 1000)
      if (found !== undefined) return tagged(found)
      options.refused('unknown')
      return json(404, {
        error: `nothing is known of this ${operation === 'similar' ? 'item' : 'user'}`,
      })
    } catch (error) {
      if (error instanceof Invalid) {
        options.refused('invalid')
        return json(400, { error: error.message })
      }
      if (!(error instanceof Failure)) throw error
      options.refused('not_ready')
      return json(503, { error: `the worker cannot answer now (${error.code})` })
    } finally {
      asking -= 1
    }
  }

  const get = (operation: Operation, work: Answering): ApiRoute => ({
    method: 'GET',
    answer: (asked) => answer(operation, asked, work),
  })
  const rank: ApiRoute = {
    method: 'POST',
    answer: (asked) =>
      answer('rank', asked, ({ body }) => {
        const { history, k } = readQuestion(body, options)
        return lists.forHistory(history, k)
      }),
  }

  return (path) => {
    if (path === '/v1/list') return rank
    if (path === '/v1/popular') return get('popular', (_, k) => lists.popular(k))
    const [, of, encoded, what] = pathOfId.exec(path) ?? []
    const id = (): string => idOf(encoded ?? '', options.idBytesMax)
    if (of === 'users' && what === 'list') {
      return get('list', async (_, k) => lists.forUser(id(), k))
    }
    if (of === 'users' && what === 'explain') {
      return get('explain', async (_, k) => lists.explain(id(), k))
    }
    if (of !== 'items' || what !== 'similar') return undefined
    return get('similar', async (_, k) => lists.similar(id(), k))
  }
}

/** A list is the same as long as the model is: whoever has it need not read it again. */
function tagged(found: object): Reply {
  const reply = json(200, found)
  const { modelVersion } = found as Partial<ServedList>
  return modelVersion === undefined ? reply : { ...reply, etag: `"${modelVersion}"` }
}
