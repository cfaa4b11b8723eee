// From the worker's settings to the options of the store: files are read, contradictions refused at once.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { redisOptionsFrom } from '../../../src/adapters/redis/from-config.ts'
import { readConfig } from '../../../src/config.ts'
import { Failure } from '../../../src/errors.ts'

const folder = await mkdtemp(join(tmpdir(), 'neupr-settings-'))
after(() => rm(folder, { recursive: true }))
const around = { monotonicMs: () => 0, wallMs: () => 0, log: { warn: () => undefined } }
const options = (env: Record<string, string>) =>
  redisOptionsFrom(readConfig({ flags: {}, env }).config, around)

test('secrets and certificates come from files', async () => {
  await writeFile(join(folder, 'password'), 'from a file\n')
  await writeFile(join(folder, 'ca.pem'), 'a certificate')
  const read = options({
    REDIS_URL: 'rediss://h:1',
    NEUPR_REDIS_USERNAME: 'ann',
    NEUPR_REDIS_PASSWORD_FILE: join(folder, 'password'),
    NEUPR_REDIS_CA_FILE: join(folder, 'ca.pem'),
    NEUPR_REDIS_IDLE_DAYS: '2',
    NEUPR_REDIS_TIMEOUT_MS: '250',
    NEUPR_REMOVALS_PER_USER_MAX: '7',
    NEUPR_POSITIVES_PER_USER_MAX: '9',
    NEUPR_EARLIER_ITEMS_PER_USER_MAX: '4',
  })
  const { log, monotonicMs, wallMs, ...rest } = read
  assert.deepEqual(rest, {
    ...{ url: 'rediss://h:1', username: 'ann', password: 'from a file' },
    ...{ tls: { ca: 'a certificate' }, prefix: 'neupr:', timeoutMs: 250, graceMs: 60_000 },
    ...{ lossToleratedMs: 30_000, idleSecondsMax: 172_800, keysPerPage: 200 },
    limits: { added: 13, removed: 7 },
  })
})

test('what contradicts itself is refused, and no secret is repeated', () => {
  const cases: Record<string, string>[] = [
    { REDIS_URL: 'redis://:hidden@h', NEUPR_REDIS_PASSWORD_FILE: join(folder, 'password') },
    { REDIS_URL: 'redis://:hidden@h', NEUPR_REDIS_PREFIX: 'a{b}*' },
    { REDIS_URL: 'redis://:hidden@h', NEUPR_REDIS_KEY_FILE: 'key.pem' },
    { REDIS_URL: 'redis://:hidden@h', NEUPR_REDIS_CA_FILE: join(folder, 'not there') },
    { REDIS_URL: 'http://:hidden@h' },
  ]
  for (const env of cases) {
    assert.throws(
      () => options(env),
      (error) =>
        error instanceof Failure &&
        error.code === 'SETTINGS_INVALID' &&
        !error.message.includes('hidden'),
      JSON.stringify(env),
    )
  }
})
