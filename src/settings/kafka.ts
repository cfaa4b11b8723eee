// The brokers and the schema registry: where they are, how they are spoken to, and the bounds on it; and the update
// log, by which the workers of a group learn one model.

import { setting } from './setting.ts'

export const kafka = {
  kafkaBrokers: setting.text({
    env: 'KAFKA_BROKERS',
    default: '',
    help: 'host:port of the brokers, several with commas; needed for kafka: sources and sinks',
  }),
  kafkaGroup: setting.text({
    env: 'NEUPR_KAFKA_GROUP',
    default: 'neupr-worker',
    max: 249,
    help: 'consumer group; workers of one group share the partitions',
  }),
  kafkaSecurity: setting.choice({
    env: 'NEUPR_KAFKA_SECURITY',
    default: 'auto',
    of: ['auto', 'tls', 'plaintext'],
    help: 'auto: TLS, unless all brokers are on this machine',
  }),
  kafkaCaFile: setting.text({
    env: 'NEUPR_KAFKA_CA_FILE',
    default: '',
    help: "certificates (PEM) that the brokers' must descend from; empty: the system's",
  }),
  kafkaCertificateFile: setting.text({
    env: 'NEUPR_KAFKA_CERTIFICATE_FILE',
    default: '',
    help: "the worker's own certificate (PEM), where brokers ask for one",
  }),
  kafkaKeyFile: setting.text({
    env: 'NEUPR_KAFKA_KEY_FILE',
    default: '',
    help: "the key (PEM) of the worker's own certificate",
  }),
  kafkaMechanism: setting.choice({
    env: 'NEUPR_KAFKA_MECHANISM',
    default: 'none',
    of: ['none', 'scram-sha-512', 'scram-sha-256', 'plain', 'oauthbearer'],
    help: 'how to sign in; plain only with TLS; oauthbearer reads its token from the password file each time',
  }),
  kafkaUser: setting.text({
    env: 'NEUPR_KAFKA_USER',
    default: '',
    help: 'the user to sign in as',
  }),
  kafkaPassword: setting.text({
    env: 'NEUPR_KAFKA_PASSWORD',
    default: '',
    secret: true,
    help: 'password of the user; a file is safer',
  }),
  kafkaPasswordFile: setting.text({
    env: 'NEUPR_KAFKA_PASSWORD_FILE',
    default: '',
    help: 'file that holds the password or token',
  }),
  kafkaExpired: setting.choice({
    env: 'NEUPR_KAFKA_EXPIRED',
    default: 'fail',
    of: ['fail', 'earliest'],
    help: 'when records were deleted before they were read: stop, or go on with the earliest there is',
  }),
  kafkaLingerMs: setting.integer({
    env: 'NEUPR_KAFKA_LINGER_MS',
    default: 25,
    min: 0,
    max: 1_000,
    unit: 'ms',
    help: 'shortest time between two fetches of live events: longer makes larger batches, and lists as much later',
  }),
  kafkaSessionSeconds: setting.integer({
    env: 'NEUPR_KAFKA_SESSION_SECONDS',
    default: 30,
    min: 6,
    max: 600,
    unit: 's',
    help: 'partitions of a worker that sends no heartbeat for this long go to others; brokers limit it, too',
  }),
  kafkaStallSeconds: setting.integer({
    env: 'NEUPR_KAFKA_STALL_SECONDS',
    default: 120,
    min: 5,
    max: 3_600,
    unit: 's',
    help: 'the process ends with code 75 when records wait, brokers answer, and nothing is read for this long',
  }),
  kafkaInflatedBytesMax: setting.integer({
    env: 'NEUPR_KAFKA_INFLATED_BYTES_MAX',
    default: 67_108_864,
    min: 1_048_576,
    max: 1_073_741_824,
    unit: 'bytes',
    help: 'most bytes that one compressed batch may inflate to',
  }),
  recordForm: setting.choice({
    env: 'NEUPR_RECORD_FORM',
    default: 'auto',
    of: ['auto', 'confluent', 'avro', 'json'],
    help: 'form of the values in the input topic; auto: confluent with a registry, else avro',
  }),
  listForm: setting.choice({
    env: 'NEUPR_LIST_FORM',
    default: 'auto',
    of: ['auto', 'confluent', 'avro', 'json'],
    help: 'form of the lists in the output topic; auto: confluent with a registry, else avro',
  }),
  deadLetterPayload: setting.choice({
    env: 'NEUPR_DEAD_LETTER_PAYLOAD',
    default: 'whole',
    of: ['whole', 'hash'],
    help: 'what dead letters keep of a record: its bytes, or only their SHA-256 and length',
  }),
  registryUrl: setting.text({
    env: 'SCHEMA_REGISTRY_URL',
    default: '',
    help: 'base of a Confluent-compatible schema registry; empty: no registry',
  }),
  registryUser: setting.text({
    env: 'NEUPR_REGISTRY_USER',
    default: '',
    help: 'user for basic authentication',
  }),
  registryPasswordFile: setting.text({
    env: 'NEUPR_REGISTRY_PASSWORD_FILE',
    default: '',
    help: 'file that holds its password',
  }),
  registryTokenFile: setting.text({
    env: 'NEUPR_REGISTRY_TOKEN_FILE',
    default: '',
    help: 'file that holds a bearer token',
  }),
  registryCaFile: setting.text({
    env: 'NEUPR_REGISTRY_CA_FILE',
    default: '',
    help: "certificates (PEM) that the registry's must descend from; empty: the system's",
  }),
  registryCertificateFile: setting.text({
    env: 'NEUPR_REGISTRY_CERTIFICATE_FILE',
    default: '',
    help: "the worker's own certificate (PEM), where the registry asks for one",
  }),
  registryKeyFile: setting.text({
    env: 'NEUPR_REGISTRY_KEY_FILE',
    default: '',
    help: "the key (PEM) of the worker's own certificate",
  }),
} as const

export const updates = {
  updates: setting.text({
    env: 'NEUPR_UPDATES',
    default: '',
    help:
      'the update log of the group: kafka:TOPIC with one partition, by which workers share what they learn; empty: ' +
      'each worker has a model of its own',
  }),
  updatesEveryMs: setting.integer({
    env: 'NEUPR_UPDATES_EVERY_MS',
    default: 1_000,
    min: 50,
    max: 600_000,
    unit: 'ms',
    help: 'what was learned is appended to the update log at least this often; a crash loses at most this much',
  }),
  updatesEveryEvents: setting.integer({
    env: 'NEUPR_UPDATES_EVERY_EVENTS',
    default: 250,
    min: 1,
    max: 1_000_000,
    unit: 'events',
    help: 'the same in events of this worker, fewer in a young or large group; whichever comes first',
  }),
  updatesBaseSeconds: setting.integer({
    env: 'NEUPR_UPDATES_BASE_SECONDS',
    default: 600,
    min: 1,
    max: 86_400,
    unit: 's',
    help: 'how often one worker of the group writes to UPDATES.base what a worker without a checkpoint starts from',
  }),
  updatesBytesMax: setting.integer({
    env: 'NEUPR_UPDATES_BYTES_MAX',
    default: 262_144,
    min: 16_384,
    max: 67_108_864,
    unit: 'bytes',
    help: 'most bytes of parameter changes in one record; the smallest changes wait for the next one',
  }),
} as const

/** Rules between them and the other settings, where a worker runs. Others leave them alone. One sentence per fault. */
export function checkUpdates(config: {
  readonly updates: string
  readonly source: string
  readonly deterministic: boolean
  readonly training: boolean
}): string[] {
  if (config.updates === '') return []
  const faults: string[] = []
  if (!/^kafka:.+$/.test(config.updates)) {
    faults.push(`--updates is ${JSON.stringify(config.updates)}, expected kafka:TOPIC`)
  }
  if (!config.source.startsWith('kafka:')) {
    faults.push('--updates needs --source kafka:TOPIC, whose partitions the group shares')
  }
  if (config.deterministic) {
    faults.push(
      '--updates and --deterministic exclude each other: the order of the log is not that of the input',
    )
  }
  if (!config.training) {
    faults.push('--updates needs --training true: who learns nothing has nothing to share')
  }
  return faults
}
