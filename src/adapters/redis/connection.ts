// One node, a cluster or Sentinels behind «run these commands»: pipelines go to each node at once and
// every reply is checked. A command that may or may not have been done is an error; nothing is repeated
// here, the caller gives the whole batch again.

import { Failure } from '../../errors.ts'
import {
  type Client,
  type ClientOptions,
  isCluster,
  openCluster,
  openNode,
  type RedisNode,
} from './client.ts'
import { type FailureReader, failureReader } from './failures.ts'
import { type Command, runOnCluster, runOnNode } from './replies.ts'
import { parseRedisUrl, type RedisPlace } from './url.ts'

export interface ConnectionOptions extends ClientOptions {
  readonly url: string
  /** How long a denied right or a wrong password counts as passing, ms. */
  readonly graceMs: number
  /** Never jumps back, ms. */
  readonly monotonicMs: () => number
}

export class RedisConnection {
  private readonly place: RedisPlace
  private readonly options: ConnectionOptions
  private readonly failures: FailureReader
  private client: Client | undefined
  private recognising: Promise<Client> | undefined
  private lastError: unknown
  private closed = false

  /** @throws Failure SETTINGS_INVALID. Connects at the first command. */
  constructor(options: ConnectionOptions) {
    this.options = options
    this.place = parseRedisUrl(options.url)
    this.failures = failureReader(options.graceMs, options.monotonicMs)
  }

  /** Runs all commands and gives their replies in order. @throws Failure if any of them failed. */
  async run(commands: readonly Command[]): Promise<unknown[]> {
    return this.guarded(async () => {
      const client = await this.ready()
      return isCluster(client) ? runOnCluster(client, commands) : runOnNode(client, commands)
    })
  }

  /** One page of the keys of one master. Cursor '0' starts and ends. */
  async scan(master: RedisNode, cursor: string, pattern: string, count: number) {
    return this.guarded(() => master.scan(cursor, 'MATCH', pattern, 'COUNT', count))
  }

  async masters(): Promise<RedisNode[]> {
    return this.guarded(async () => {
      const client = await this.ready()
      return isCluster(client) ? client.nodes('master') : [client]
    })
  }

  /** Whether keys lie on several nodes. */
  async isCluster(): Promise<boolean> {
    return this.guarded(async () => isCluster(await this.ready()))
  }

  async info(master: RedisNode, section: string): Promise<string> {
    return this.guarded(() => master.info(section))
  }

  async close(): Promise<void> {
    this.closed = true
    this.client?.disconnect()
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.failures.answered()
      return result
    } catch (error) {
      throw this.failures.read(error)
    }
  }

  private async ready(): Promise<Client> {
    if (this.closed) throw new Failure('STORE_UNREACHABLE', 'the connection to Redis was closed')
    const client = this.client ?? (await (this.recognising ??= this.recognise()))
    await this.untilReady(client)
    return client
  }

  /** One node is asked whether it is part of a cluster, and any whether it is new enough. */
  private async recognise(): Promise<Client> {
    try {
      const client =
        this.place.kind === 'cluster'
          ? this.heard(openCluster(this.place, this.options))
          : this.heard(openNode(this.place, this.options))
      try {
        await this.untilReady(client)
        const node = isCluster(client) ? (client.nodes('master')[0] as RedisNode) : client
        const facts = await node.info('server')
        mustBeNew(facts)
        if (!isCluster(client) && /^redis_mode:cluster/m.test(facts)) {
          client.disconnect()
          return (this.client = this.heard(openCluster(this.place, this.options)))
        }
        return (this.client = client)
      } catch (error) {
        client.disconnect()
        throw error
      }
    } finally {
      this.recognising = undefined
    }
  }

  private heard<C extends Client>(client: C): C {
    client.on('error', (error: unknown) => {
      this.lastError = error
    })
    return client
  }

  /** Rejects with the last thing heard when the connection does not stand within the time. */
  private async untilReady(client: Client): Promise<void> {
    if (client.status === 'ready') return
    if (client.status === 'wait' || client.status === 'end') {
      client.connect().catch((error: unknown) => {
        this.lastError ??= error
      })
    }
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void) => () => {
        clearTimeout(timer)
        client.off('ready', done)
        client.off('end', failed)
        act()
      }
      const done = settle(resolve)
      const failed = settle(() => reject(this.lastError ?? new Error('no connection in time')))
      const timer = setTimeout(failed, this.options.timeoutMs)
      client.on('ready', done)
      client.on('end', failed)
    })
    this.lastError = undefined
  }
}

function mustBeNew(facts: string): void {
  const [, text = '', major = '0', minor = '0'] =
    /^redis_version:((\d+)\.(\d+)\S*)/m.exec(facts) ?? []
  if (Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2)) return
  throw new Failure(
    'STORE_CONFLICT',
    `expected Redis 6.2 or newer (ZADD GT), this is ${text || 'unknown'}`,
  )
}
