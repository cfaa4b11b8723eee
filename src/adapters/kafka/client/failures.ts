// What an error of kafkajs means for the work: a Failure that says whether trying again can help, and where a right
// is missing, which one.

import { Failure, type FailureCode } from '../../../errors.ts'

/** What was being done, for the message. */
export interface Attempt {
  /** `SOURCE_UNREACHABLE` or `SINK_UNREACHABLE`: the code when trying again may help. */
  readonly unreachable: Extract<FailureCode, 'SOURCE_UNREACHABLE' | 'SINK_UNREACHABLE'>
  /** e.g. `write to the topic recommendations`. */
  readonly doing: string
  /** The right that it takes, e.g. `Write and Describe on topic recommendations`. */
  readonly right: string
}

interface KafkaError extends Error {
  readonly type?: string
  readonly retriable?: boolean
  readonly cause?: unknown
}

export function failureOf(error: unknown, attempt: Attempt): Failure {
  if (error instanceof Failure) return error
  const causes = chainOf(error)
  const types = causes.map((one) => one.type ?? '')
  const last = causes.at(-1)?.message ?? String(error)
  const stop = (code: FailureCode, message: string): Failure =>
    new Failure(code, `${message} (${last})`, { cause: error })
  if (types.some((type) => type.endsWith('_AUTHORIZATION_FAILED'))) {
    return stop('NOT_PERMITTED', `not allowed to ${attempt.doing}: grant ${attempt.right}`)
  }
  if (causes.some((one) => one.name === 'KafkaJSSASLAuthenticationError')) {
    return stop('NOT_PERMITTED', `the brokers refuse the sign-in: check the user and password`)
  }
  const tooLarge = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']
  if (types.some((type) => tooLarge.includes(type))) {
    return stop('SINK_UNWRITABLE', `cannot ${attempt.doing}: raise the topic's max.message.bytes`)
  }
  if (causes.some((one) => one.name === 'KafkaJSNotImplemented')) {
    return stop(
      'SOURCE_UNREADABLE',
      `cannot ${attempt.doing}: a codec or feature is not known here`,
    )
  }
  if (causes.some((one) => one.name === 'InflationError')) {
    const how = 'raise NEUPR_KAFKA_INFLATED_BYTES_MAX, or move the group past the batch'
    return stop('LIMIT_REACHED', `cannot ${attempt.doing}: ${how}`)
  }
  if (isUntrusted(causes)) {
    return stop(
      'NOT_PERMITTED',
      `cannot ${attempt.doing}: the brokers' certificate is not trusted; name its authority in NEUPR_KAFKA_CA_FILE`,
    )
  }
  const why = isTopicMissing(error) ? `: the topic does not exist; ${howToMake}` : ` (${last})`
  return new Failure(attempt.unreachable, `cannot ${attempt.doing}${why}`, { cause: error })
}

/** How a topic that is missing is made, for messages. */
export const howToMake = 'make it with `neupr-worker topics create`, or grant Describe on it'

/** True for errors that say a topic is not there (yet, or for this user). */
export function isTopicMissing(error: unknown): boolean {
  return chainOf(error).some((one) => one.type === 'UNKNOWN_TOPIC_OR_PARTITION')
}

const coldTypes = [
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
]

/** True while a broker has not taken up the group, or the partition, yet. */
export function isBrokerCold(error: unknown): boolean {
  return chainOf(error).some(({ type = '' }) => coldTypes.includes(type))
}

function isUntrusted(causes: readonly KafkaError[]): boolean {
  const words =
    /self.signed|unable to (verify|get)|certificate (has expired|is not)|altnames|hostname\/ip does not/i
  return causes.some((one) => words.test(one.message))
}

function chainOf(error: unknown): KafkaError[] {
  const chain: KafkaError[] = []
  for (let one: unknown = error; one instanceof Error && chain.length < 8; ) {
    chain.push(one as KafkaError)
    // Some errors of kafkajs carry the first one under another name.
    one = (one as KafkaError).cause ?? (one as { originalError?: unknown }).originalError
  }
  return chain
}
