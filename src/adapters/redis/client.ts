// A client of ioredis for one node, a master behind Sentinels, or a cluster, with the settings under which it
// neither queues nor repeats what was not confirmed.

import { Cluster, Redis } from 'ioredis'
import { atHostAsked, keepUnnamedNodes } from './unnamed-nodes.ts'
import type { Address, RedisPlace } from './url.ts'

export type RedisNode = Redis
export type RedisCluster = Cluster
export type Client = Redis | Cluster

export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface ClientOptions {
  /** In place of those in the URL. */
  readonly username?: string
  readonly password?: string
  /** PEM texts. */
  readonly tls?: TlsFiles
  /** Longest wait for a connection or a reply, ms. */
  readonly timeoutMs: number
}

export function isCluster(client: Client): client is Cluster {
  return client instanceof Cluster
}

/** Connects when told to. */
export function openNode(place: RedisPlace, options: ClientOptions): Redis {
  const { addresses, db, masterName, tls } = place
  const shared = {
    ...nodeOptions(place, options),
    ...{ db, lazyConnect: true, enableOfflineQueue: false, retryStrategy: pause },
  }
  if (masterName === undefined) return new Redis({ ...shared, ...addresses[0] })
  const sentinels = addresses.map((one) => ({ ...one }))
  return new Redis({ ...shared, sentinels, name: masterName, enableTLSForSentinelMode: tls })
}

export function openCluster(place: RedisPlace, options: ClientOptions): Cluster {
  const seeds: Address[] = [...place.addresses]
  keepUnnamedNodes()
  return new Cluster(seeds, {
    redisOptions: nodeOptions(place, options),
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRedirections: 3,
    slotsRefreshTimeout: options.timeoutMs,
    clusterRetryStrategy: pause,
    clusterNodeRetryStrategy: pause,
    natMap: atHostAsked(place.addresses[0]),
    // A certificate is for a name, so with TLS names stay names.
    ...(place.tls ? { dnsLookup: (name, done) => done(null, name) } : {}),
  })
}

function nodeOptions(place: RedisPlace, options: ClientOptions) {
  const { timeoutMs, tls } = options
  const username = options.username ?? place.username
  const password = options.password ?? place.password
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(place.tls ? { tls: { ...tls, minVersion: 'TLSv1.2' as const } } : {}),
    connectTimeout: timeoutMs,
    // Replies come in order, so silence on the socket is what a timer per command would notice, for less.
    socketTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: false,
    // After a failover the old master answers READONLY: leave it.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
}

/** 50, 100, 200, 400, 500, 500 … ms between attempts to connect. */
function pause(times: number): number {
  return Math.min(500, 50 * 2 ** Math.min(times - 1, 4))
}
