// The servers of one test run, or of a person who plays: started together, addressed by the environment
// variables that the worker itself reads. One that the environment names already is not started.

import { writeFile } from 'node:fs/promises'
import { startKafka } from './kafka.ts'
import { dataFolder } from './process.ts'
import { startRedis } from './redis/server.ts'
import { startRegistry } from './registry.ts'
import type { Workshop } from './tools.ts'

export interface Started {
  /** What to put into the environment of those who use it. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

interface Part {
  /** Set in the environment: the server exists already. */
  readonly given: string
  start(): Promise<Started>
}

function parts(shop: Workshop): Part[] {
  return [
    { given: 'KAFKA_BROKERS', start: () => kafkaPart(shop) },
    { given: 'REDIS_URL', start: () => redisPart(shop) },
    { given: 'SCHEMA_REGISTRY_URL', start: () => registryPart(shop) },
  ]
}

/** Starts what the environment does not name. @throws Error when one cannot run; the others are stopped. */
export async function startServers(shop: Workshop): Promise<Started> {
  const wanted = parts(shop).filter(({ given }) => (shop.env[given] ?? '') === '')
  // One after the other: fetching uses the same tools, and two cores start no faster with three at once.
  const started: Started[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((one) => one.stop()))
  }
  try {
    for (const part of wanted) started.push(await part.start())
  } catch (cause) {
    await stop()
    throw cause
  }
  return { env: Object.assign({}, ...started.map(({ env }) => env)), stop }
}

async function kafkaPart(shop: Workshop): Promise<Started> {
  const kafka = await startKafka(shop)
  const folder = await dataFolder('kafka-client')
  const caFile = `${folder.path}/ca.pem`
  const passwordFile = `${folder.path}/password`
  await writeFile(caFile, kafka.secure.ca)
  await writeFile(passwordFile, kafka.secure.password, { mode: 0o600 })
  return {
    env: {
      KAFKA_BROKERS: kafka.brokers,
      TEST_KAFKA_VERSION: kafka.version,
      TEST_KAFKA_SECURE_BROKERS: kafka.secure.brokers,
      TEST_KAFKA_SECURE_USER: kafka.secure.user,
      TEST_KAFKA_SECURE_PASSWORD_FILE: passwordFile,
      TEST_KAFKA_SECURE_CA_FILE: caFile,
    },
    async stop() {
      await kafka.stop()
      await folder.remove()
    },
  }
}

async function redisPart(shop: Workshop): Promise<Started> {
  const redis = await startRedis(shop)
  shop.say(`Redis ${redis.version} on ${redis.port}`)
  return { env: { REDIS_URL: redis.url }, stop: () => redis.stop() }
}

async function registryPart(shop: Workshop): Promise<Started> {
  const registry = await startRegistry(shop)
  return { env: { SCHEMA_REGISTRY_URL: registry.url }, stop: () => registry.stop() }
}
