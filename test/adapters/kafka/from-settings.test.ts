// From settings to connections: secrets come from files, and what cannot work is refused before anything is dialled.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { brokerAddresses, createKafka } from '../../../src/adapters/kafka/client/connect.ts'
import { kafkaConnection } from '../../../src/adapters/kafka/from-settings.ts'
import { registryFrom } from '../../../src/adapters/registry/from-settings.ts'
import { readConfig } from '../../../src/config.ts'
import { connectionTo, given, keepingLogger, type Line } from './real-kafka.ts'

const realBroker = () => {
  const [host = '', port] = (given('KAFKA_BROKERS').split(',')[0] ?? '').split(':')
  return { host, port: Number(port) }
}

const configOf = (flags: Readonly<Record<string, unknown>>) => readConfig({ flags, env: {} }).config

test('a password comes from its file, without the line end, and does not show', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'neupr-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const kafkaPasswordFile = join(folder, 'password')
  writeFileSync(kafkaPasswordFile, 'canary-1\n')
  const signIn = { kafkaMechanism: 'scram-sha-512', kafkaUser: 'ada', kafkaPasswordFile }
  const connection = kafkaConnection(configOf({ kafkaBrokers: 'b:1', ...signIn }), keepingLogger())
  assert.ok(connection.signIn !== undefined && 'password' in connection.signIn)
  assert.equal(connection.signIn.password.reveal(), 'canary-1')
  for (const shown of [JSON.stringify(connection), inspect(connection, { depth: 9 })]) {
    assert.equal(shown.includes('canary'), false)
    assert.ok(shown.includes('[redacted]'))
  }
})

test('a sign-in that lacks its part, and a file that is not there, are refused', () => {
  const refused = (flags: Readonly<Record<string, unknown>>, message: RegExp): void => {
    assert.throws(() => kafkaConnection(configOf(flags), keepingLogger()), {
      code: 'SETTINGS_INVALID',
      message,
    })
  }
  refused({ kafkaMechanism: 'scram-sha-512', kafkaUser: 'ada' }, /needs --kafka-user and/)
  refused({ kafkaMechanism: 'oauthbearer' }, /names the file of the token/)
  refused(
    { kafkaCaFile: '/nowhere/ca.pem' },
    /--kafka-ca-file cannot be read: .*\/nowhere\/ca\.pem/,
  )
})

test('without TLS only to this machine, or when told so, and never silently', () => {
  const warned = (kafkaBrokers: string, kafkaSecurity: string): boolean => {
    const lines: Line[] = []
    const connection = kafkaConnection(
      configOf({ kafkaBrokers, kafkaSecurity }),
      keepingLogger(lines),
    )
    createKafka(connection)
    return lines.some(({ level, message }) => level === 'warn' && /TLS is off/.test(message))
  }
  assert.equal(warned('127.0.0.1:9092,localhost:9093,[::1]:9094', 'auto'), true)
  assert.equal(warned('127.0.0.1:9092,kafka:9092', 'auto'), false)
  assert.equal(warned('kafka:9092', 'plaintext'), true)
  assert.equal(warned('127.0.0.1:9092', 'tls'), false)
})

test('addresses are checked one by one', () => {
  assert.deepEqual(brokerAddresses('a:1, b.c:65535'), ['a:1', 'b.c:65535'])
  for (const wrong of ['', 'a', 'a:0', 'a:70000', 'a:1,,b:2', 'kafka://a:1', 'a b:1']) {
    assert.throws(() => brokerAddresses(wrong), { code: 'SETTINGS_INVALID' }, wrong)
  }
})

test('a broker may be named by an IPv6 address', async () => {
  const dialled: string[] = []
  const { port: realPort, host: realHost } = realBroker()
  const kafka = createKafka(
    { ...connectionTo('[fd00::17]:9092,[::1]:9093'), security: 'plaintext' },
    {
      socketFactory: ({ host, port, onConnect }) => {
        dialled.push(`${host} ${port}`)
        return connect(
          {
            host: host.includes(':') ? realHost : host,
            port: host.includes(':') ? realPort : port,
          },
          onConnect,
        )
      },
    },
  )
  const admin = kafka.admin()
  await admin.connect()
  assert.ok((await admin.listTopics()).length >= 0)
  await admin.disconnect()
  assert.ok(['fd00::17 9092', '::1 9093'].includes(dialled[0] ?? ''), dialled.join())
})

test('a registry is optional, and its address must be one', () => {
  assert.equal(registryFrom(configOf({})), undefined)
  for (const registryUrl of ['registry:8081', 'ftp://r', 'http://ada:pw@r']) {
    assert.throws(() => registryFrom(configOf({ registryUrl })), { code: 'SETTINGS_INVALID' })
  }
})
