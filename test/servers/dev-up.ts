// The servers for a person to play with: starts them, makes the topics, prints the addresses one a line, stops all at
// Ctrl-C.

import { writeFile } from 'node:fs/promises'
import { Kafka, logLevel } from 'kafkajs'
import { createTopics } from '../../src/adapters/kafka/topics.ts'
import { readCommandLine } from '../runner/command-line.ts'
import { startServers } from './server-set.ts'

const usage = `usage: npm run dev:up -- [--env FILE] [--kafka 4.4.0|3.9.2]
Kafka, a schema registry and Redis until Ctrl-C, with their addresses in FILE as variables.`
const { values } = readCommandLine(usage, {
  options: { env: { type: 'string' }, kafka: { type: 'string' } },
})
const env = { ...process.env, ...(values.kafka && { TEST_KAFKA_VERSION: values.kafka }) }

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve)
})
const servers = await startServers({ env, say })
const given: NodeJS.ProcessEnv = { ...env, ...servers.env }
await makeTopics(given.KAFKA_BROKERS ?? '')
const lines = ['KAFKA_BROKERS', 'REDIS_URL', 'SCHEMA_REGISTRY_URL']
  .map((name) => `${name}=${given[name]}\n`)
  .join('')
if (values.env !== undefined) await writeFile(values.env, lines)
process.stdout.write(lines)
say('all is ready: Ctrl-C stops it. Paste into another terminal:')
for (const line of lines.trim().split('\n')) say(`  export ${line}`)
say('  node dist/bin/main.js run --source kafka:interactions --sink kafka:recommendations')
// A promise alone does not keep a process alive.
const alive = setInterval(() => undefined, 1_000_000)
await stopped
clearInterval(alive)
say('stopping …')
await servers.stop()

async function makeTopics(brokers: string): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const made = await createTopics(admin, [
    { topic: 'interactions', role: 'input', partitions: 6, replicas: 1 },
    { topic: 'recommendations', role: 'lists', partitions: 6, replicas: 1 },
    { topic: 'interactions.dlq', role: 'deadLetters', partitions: 1, replicas: 1 },
  ])
  await admin.disconnect()
  say(made.length === 0 ? 'the topics exist' : `topics made: ${made.join(', ')}`)
}
