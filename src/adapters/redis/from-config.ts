// The options of the Redis store from the worker's settings. Secrets and certificates are read here, once.

import { readFileSync } from 'node:fs'
import type { Config } from '../../config.ts'
import { Failure } from '../../errors.ts'
import type { Logger } from '../../ports/logger.ts'
import { storeLimits } from '../../settings/ingest.ts'
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
  const password = secretFrom(config.redisPasswordFile)?.trimEnd()
  const ca = secretFrom(config.redisCaFile)
  const cert = secretFrom(config.redisCertificateFile)
  const key = secretFrom(config.redisKeyFile)
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

function secretFrom(path: string): string | undefined {
  if (path === '') return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Failure('SETTINGS_INVALID', `${path} cannot be read: ${(cause as Error).message}`)
  }
}
