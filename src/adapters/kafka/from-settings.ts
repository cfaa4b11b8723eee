// From the settings' words to a connection: reads the files that hold secrets and certificates. The only place of the
// Kafka and registry adapters that knows the settings.

import { readFileSync } from 'node:fs'
import { Failure } from '../../errors.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Config } from '../../settings/all.ts'
import { type Secret, secret } from '../../settings/secret.ts'
import type { KafkaConnection, KafkaSignIn, KafkaTls } from './client/connect.ts'

export type KafkaSettings = Pick<
  Config,
  | 'kafkaBrokers'
  | 'kafkaSecurity'
  | 'kafkaCaFile'
  | 'kafkaCertificateFile'
  | 'kafkaKeyFile'
  | 'kafkaMechanism'
  | 'kafkaUser'
  | 'kafkaPassword'
  | 'kafkaPasswordFile'
  | 'kafkaInflatedBytesMax'
>

/** @throws Failure SETTINGS_INVALID for a file that cannot be read or a sign-in that lacks something. */
export function kafkaConnection(config: KafkaSettings, logger: Logger): KafkaConnection {
  const signIn = signInOf(config)
  const tls: KafkaTls = {
    ...(config.kafkaCaFile === '' ? {} : { ca: fileText('kafkaCaFile', config.kafkaCaFile) }),
    ...(config.kafkaCertificateFile === ''
      ? {}
      : { certificate: fileText('kafkaCertificateFile', config.kafkaCertificateFile) }),
    ...(config.kafkaKeyFile === '' ? {} : { key: fileSecret('kafkaKeyFile', config.kafkaKeyFile) }),
  }
  return {
    brokers: config.kafkaBrokers,
    security: config.kafkaSecurity,
    tls,
    ...(signIn === undefined ? {} : { signIn }),
    clientId: 'neupr-worker',
    logger,
    inflatedBytesMax: config.kafkaInflatedBytesMax,
  }
}

function signInOf(config: KafkaSettings): KafkaSignIn | undefined {
  const { kafkaMechanism: mechanism, kafkaUser: user, kafkaPasswordFile: file } = config
  if (mechanism === 'none') return undefined
  if (mechanism === 'oauthbearer') {
    if (file === '') throw invalid('kafkaPasswordFile is empty, expected the file of the token')
    // Read anew for each connection: tokens are renewed by others.
    return { mechanism, token: async () => fileSecret('kafkaPasswordFile', file) }
  }
  const password =
    file === '' ? secret(config.kafkaPassword) : fileSecret('kafkaPasswordFile', file)
  if (user === '' || password.reveal() === '') {
    throw invalid(`kafkaMechanism ${mechanism} needs kafkaUser and kafkaPasswordFile`)
  }
  return { mechanism, user, password }
}

/** A file's text without the line end that editors add. */
export function fileText(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw invalid(`${name} names ${path}, which cannot be read`, cause)
  }
}

export function fileSecret(name: string, path: string): Secret {
  return secret(fileText(name, path))
}

function invalid(message: string, cause?: unknown): Failure {
  return new Failure('SETTINGS_INVALID', message, { cause })
}
