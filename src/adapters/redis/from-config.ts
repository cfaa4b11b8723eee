// The options of the Redis store from the worker's settings. Secrets and certificates are read here, once.

import type { Config } from '../../config.ts'
import type { Logger } from '../../ports/logger.ts'
import { storeLimits } from '../../settings/ingest.ts'
import { fileText } from '../../settings/secret.ts'
import type { RedisStoreOptions } from './positive-store.ts'
import { parseRedisUrl } from './url.ts'

export interface Around {
  readonly monotonicMs: () => number
  readonly wallMs: () => number
  readonly log: Pick<Logger, 'warn'>
  /** As in RedisStoreOptions. */
  readonly hasWeights?: boolean
}

/** @throws Failure SETTINGS_INVALID for a URL that says nothing or a file that cannot be read. */
export function redisOptionsFrom(config: Config, around: Around): RedisStoreOptions {
  parseRedisUrl(config.redis)
  const textOf = (setting: string, path: string) =>
    path === '' ? undefined : fileText(setting, path)
  const password = textOf('redisPasswordFile', config.redisPasswordFile)?.trimEnd()
  const ca = textOf('redisCaFile', config.redisCaFile)
  const cert = textOf('redisCertificateFile', config.redisCertificateFile)
  const key = textOf('redisKeyFile', config.redisKeyFile)
  return {
    ...around,
    url: config.redis,
    ...(config.redisUsername === '' ? {} : { username: config.redisUsername }),
    ...(password === undefined ? {} : { password }),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    },
    prefix: config.redisPrefix,
    timeoutMs: config.redisTimeoutMs,
    graceMs: config.redisDeniedGraceSeconds * 1_000,
    lossToleratedMs: config.redisLossToleratedSeconds * 1_000,
    idleSecondsMax: config.redisIdleDays * 86_400,
    keysPerPage: config.redisKeysPerPage,
    limits: storeLimits(config),
  }
}
