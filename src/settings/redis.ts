// Where positive sets are kept for good, and the bounds on them.

import { setting } from './setting.ts'

export const redis = {
  redis: setting.text({
    env: 'REDIS_URL',
    default: '',
    secret: true,
    help: 'redis:// or rediss://[user[:password]@]host[:port][,…][/db]; empty: positives in memory',
  }),
  redisUsername: setting.text({
    env: 'NEUPR_REDIS_USERNAME',
    default: '',
    help: 'ACL user, in place of the one in the URL',
  }),
  redisPasswordFile: setting.text({
    env: 'NEUPR_REDIS_PASSWORD_FILE',
    default: '',
    help: 'file that holds the password, in place of the one in the URL',
  }),
  redisCaFile: setting.text({
    env: 'NEUPR_REDIS_CA_FILE',
    default: '',
    help: "certificates (PEM) that a rediss:// server's must descend from; empty: the system's",
  }),
  redisCertificateFile: setting.text({
    env: 'NEUPR_REDIS_CERTIFICATE_FILE',
    default: '',
    help: "the worker's own certificate (PEM), where Redis asks for one",
  }),
  redisKeyFile: setting.text({
    env: 'NEUPR_REDIS_KEY_FILE',
    default: '',
    help: "the key (PEM) of the worker's own certificate",
  }),
  redisPrefix: setting.text({
    env: 'NEUPR_REDIS_PREFIX',
    default: 'neupr:',
    max: 64,
    help: 'prefix of every key: letters, digits, _ . : -',
  }),
  redisTimeoutMs: setting.integer({
    env: 'NEUPR_REDIS_TIMEOUT_MS',
    default: 3_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    help: 'longest wait for a connection or a reply before the batch is tried again',
  }),
  redisDeniedGraceSeconds: setting.integer({
    env: 'NEUPR_REDIS_DENIED_GRACE_SECONDS',
    default: 60,
    min: 0,
    max: 3_600,
    unit: 's',
    help: 'how long the worker retries after a missing permission or a wrong password before it stops',
  }),
  redisLossToleratedSeconds: setting.integer({
    env: 'NEUPR_REDIS_LOSS_TOLERATED_SECONDS',
    default: 30,
    min: 0,
    max: 86_400,
    unit: 's',
    help: 'newest confirmed writes that a failover may lose; a store that has lost more is refused (STATE_REGRESSED)',
  }),
  redisIdleDays: setting.integer({
    env: 'NEUPR_REDIS_IDLE_DAYS',
    default: 0,
    min: 0,
    max: 3_650,
    unit: 'days',
    help: 'users without events for this long are deleted; 0: never',
  }),
  redisKeysPerPage: setting.integer({
    env: 'NEUPR_REDIS_KEYS_PER_PAGE',
    default: 200,
    min: 10,
    max: 10_000,
    unit: 'keys',
    help: 'keys held in memory while all users are read at the start',
  }),
  removalsPerUserMax: setting.integer({
    env: 'NEUPR_REMOVALS_PER_USER_MAX',
    default: 1_000,
    min: 1,
    max: 1_000_000,
    unit: 'items',
    help: 'newest removals kept per user; once full, additions older than the oldest of them are ignored',
  }),
} as const

interface Values {
  readonly redis: string
  readonly redisPrefix: string
  readonly redisPasswordFile: string
  readonly redisCertificateFile: string
  readonly redisKeyFile: string
}

/** One sentence per fault. */
export function checkRedis(values: Values): string[] {
  const faults: string[] = []
  if (!/^[A-Za-z0-9_.:-]+$/.test(values.redisPrefix)) {
    faults.push('--redis-prefix may hold letters, digits, _ . : - only')
  }
  if (values.redisPasswordFile !== '' && /:\/\/[^@/]*:[^@/]+@/.test(values.redis)) {
    faults.push(
      'the Redis password is given twice: in REDIS_URL (--redis) and in --redis-password-file',
    )
  }
  if ((values.redisCertificateFile === '') !== (values.redisKeyFile === '')) {
    faults.push('--redis-certificate-file and --redis-key-file belong together: give both or none')
  }
  return faults
}
