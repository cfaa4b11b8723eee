// Every way to fail that somebody can act on, and what becomes of the work.
// `retry`: the same work may succeed later. `stop`: only a person can mend it; the process ends.
// What is wrong with a single record is not an error but a dead letter (types.ts).

const fates = {
  SETTINGS_INVALID: { fate: 'stop', exitCode: 78 },
  SOURCE_UNREADABLE: { fate: 'stop', exitCode: 66 },
  SOURCE_UNUSABLE: { fate: 'stop', exitCode: 65 },
  SOURCE_UNREACHABLE: { fate: 'retry', exitCode: 69 },
  SOURCE_STUCK: { fate: 'stop', exitCode: 75 },
  RECORDS_EXPIRED: { fate: 'stop', exitCode: 65 },
  SINK_UNWRITABLE: { fate: 'stop', exitCode: 73 },
  SINK_UNREACHABLE: { fate: 'retry', exitCode: 69 },
  STORE_UNREACHABLE: { fate: 'retry', exitCode: 69 },
  STORE_CONFLICT: { fate: 'stop', exitCode: 65 },
  STATE_REGRESSED: { fate: 'stop', exitCode: 65 },
  CHECKPOINT_FOREIGN: { fate: 'stop', exitCode: 65 },
  CHECKPOINT_UNWRITABLE: { fate: 'retry', exitCode: 73 },
  CHECKPOINT_TAKEN: { fate: 'stop', exitCode: 73 },
  NOT_PERMITTED: { fate: 'stop', exitCode: 77 },
  TOPIC_RECREATED: { fate: 'stop', exitCode: 65 },
  UNKNOWN_USER: { fate: 'stop', exitCode: 65 },
  UNKNOWN_ITEM: { fate: 'stop', exitCode: 65 },
  TRAINER_FAILED: { fate: 'stop', exitCode: 70 },
  LIMIT_REACHED: { fate: 'stop', exitCode: 70 },
} as const

export type FailureCode = keyof typeof fates
export type Fate = 'retry' | 'stop'

/** A failure with a code of the table above. The message says what was expected, what came, what to do. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly fate: Fate
  readonly exitCode: number

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Failure'
    this.code = code
    this.fate = fates[code].fate
    this.exitCode = fates[code].exitCode
  }
}

/** A failure out of its code and message, as it comes from a thread; an unknown code is TRAINER_FAILED. */
export function failureFrom(code: string, message: string): Failure {
  return new Failure(Object.hasOwn(fates, code) ? (code as FailureCode) : 'TRAINER_FAILED', message)
}
