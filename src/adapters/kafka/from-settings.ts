// From the settings' words to a connection: reads the files that hold secrets and certificates. The only place of the
// Kafka adapter that knows the settings.

import { Failure } from '../../errors.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Config } from '../../settings/all.ts'
import { fileSecret, fileText, secret } from '../../settings/secret.ts'
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
    if (file === '')
      throw invalid(
        '--kafka-password-file is missing: with --kafka-mechanism oauthbearer it names the file of the token',
      )
    // Read anew for each connection: tokens are renewed by others.
    return { mechanism, token: async () => fileSecret('kafkaPasswordFile', file) }
  }
  const password =
    file === '' ? secret(config.kafkaPassword) : fileSecret('kafkaPasswordFile', file)
  if (user === '' || password.reveal() === '') {
    throw invalid(`--kafka-mechanism ${mechanism} needs --kafka-user and --kafka-password-file`)
  }
  return { mechanism, user, password }
}

function invalid(message: string): Failure {
  return new Failure('SETTINGS_INVALID', message)
}
