// The one place that makes a kafkajs client: addresses, TLS, sign-in, codecs, log lines. TLS is on unless asked for
// plaintext or every broker is on this machine. Nothing is connected yet.

import {
  type ISocketFactory,
  Kafka,
  type KafkaConfig,
  logLevel,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs'
import { Failure } from '../../../errors.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { Secret } from '../../../settings/secret.ts'
import { registerCodecs } from '../codecs.ts'
import { hostOf, nameOf, openSocket } from './addresses.ts'
import { type LibraryLine, libraryLog } from './library-log.ts'
import { mendLibrary } from './mend-library.ts'
import { createReach } from './reach.ts'

export interface KafkaTls {
  /** PEM; the system's authorities when absent. */
  readonly ca?: string
  /** PEM, for mutual TLS. */
  readonly certificate?: string
  readonly key?: Secret
}

export type KafkaSignIn =
  | {
      readonly mechanism: 'scram-sha-512' | 'scram-sha-256' | 'plain'
      readonly user: string
      readonly password: Secret
    }
  /** Called for every new connection; must answer within `requestMsMax`. */
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<Secret> }

export interface KafkaConnection {
  /** `host:port`, several with commas. */
  readonly brokers: string
  /** auto: plaintext when all brokers are loopback addresses, else TLS. */
  readonly security: 'auto' | 'tls' | 'plaintext'
  readonly tls?: KafkaTls
  readonly signIn?: KafkaSignIn
  readonly clientId: string
  readonly logger: Logger
  readonly connectMsMax?: number
  readonly requestMsMax?: number
  /** Most bytes that one compressed batch may inflate to; kept per process, not per connection. */
  readonly inflatedBytesMax?: number
}

export interface KafkaHooks {
  /** Hears every line that the library logs. */
  readonly watchLine?: (line: LibraryLine) => void
  /** From when on the library's lines say nothing that matters. */
  readonly isOver?: () => boolean
  /** In place of retryPace. */
  readonly retry?: RetryOptions
  /** Makes the connections, in place of the library. */
  readonly socketFactory?: ISocketFactory
}

/** Tries for some 17 s; a broker that is back is found within a second, however long it was away. */
export const retryPace = { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 }
export const inflatedBytesMaxDefault = 64 * 1024 * 1024

/** @throws Failure SETTINGS_INVALID for addresses or a sign-in that cannot work or are not safe. */
export function createKafka(
  connection: KafkaConnection,
  { watchLine, isOver, socketFactory, retry = retryPace }: KafkaHooks = {},
): Kafka {
  const brokers = brokerAddresses(connection.brokers)
  const plaintext = isPlaintext(connection.security, brokers)
  if (plaintext && connection.signIn?.mechanism === 'plain') {
    throw new Failure(
      'SETTINGS_INVALID',
      'sign-in PLAIN without TLS would send the password in the clear: use TLS or scram-sha-512',
    )
  }
  if (plaintext) {
    const facts = { brokers: brokers.join(',') }
    connection.logger.repeated(
      'plaintext',
      'the connection to Kafka is not encrypted: TLS is off (--kafka-security)',
      facts,
    )
  }
  mendLibrary()
  registerCodecs(connection.inflatedBytesMax ?? inflatedBytesMaxDefault)
  const reach = createReach(connection.logger)
  const config: KafkaConfig = {
    brokers: brokers.map(nameOf),
    clientId: connection.clientId,
    ssl: plaintext ? false : tlsOptions(connection.tls),
    connectionTimeout: connection.connectMsMax ?? 5_000,
    authenticationTimeout: connection.connectMsMax ?? 5_000,
    requestTimeout: connection.requestMsMax ?? 30_000,
    enforceRequestTimeout: true,
    retry,
    logLevel: logLevel.INFO,
    logCreator: libraryLog(connection.logger, reach, watchLine, isOver),
  }
  const open = socketFactory ?? openSocket
  config.socketFactory = (socket) =>
    open({
      ...socket,
      host: hostOf(socket.host),
      onConnect() {
        reach.connected(`${socket.host}:${socket.port}`)
        socket.onConnect()
      },
    })
  if (connection.signIn !== undefined) config.sasl = saslOptions(connection.signIn)
  return new Kafka(config)
}

/** @throws Failure SETTINGS_INVALID that names the address at fault. */
export function brokerAddresses(text: string): string[] {
  const found = text.split(',').map((part) => part.trim())
  for (const address of found) {
    const port = Number(/^(?:\[[0-9a-fA-F:]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(address)?.[1] ?? 0)
    if (port < 1 || port > 65_535) {
      const shown =
        text === '' ? 'KAFKA_BROKERS (--kafka-brokers) is empty' : `a broker address is ${address}`
      throw new Failure('SETTINGS_INVALID', `${shown}, expected host:port, several with commas`)
    }
  }
  return found
}

function isPlaintext(security: KafkaConnection['security'], brokers: readonly string[]): boolean {
  if (security !== 'auto') return security === 'plaintext'
  return brokers.every((address) => /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(address))
}

function tlsOptions(tls: KafkaTls | undefined): NonNullable<KafkaConfig['ssl']> {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(tls?.ca === undefined ? {} : { ca: [tls.ca] }),
    ...(tls?.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls?.key === undefined ? {} : { key: tls.key.reveal() }),
  }
}

function saslOptions(signIn: KafkaSignIn): SASLOptions {
  if (signIn.mechanism === 'oauthbearer') {
    const { token } = signIn
    return {
      mechanism: 'oauthbearer',
      oauthBearerProvider: async () => ({ value: (await token()).reveal() }),
    }
  }
  const { mechanism, user: username } = signIn
  return { mechanism, username, password: signIn.password.reveal() } as SASLOptions
}
