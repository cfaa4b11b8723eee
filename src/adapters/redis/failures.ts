// What an error of Redis or of the way to it means for the work. Errors of the client carry the
// command with its arguments; what leaves here is a text without them.

import { Failure } from '../../errors.ts'

const remedies = {
  wrongType:
    'a key under the prefix is of another type: someone else writes there; give the worker a prefix of its own',
  unknown:
    'it needs Redis 6.2 or newer, with all commands under their own names (no rename-command, no filtering proxy)',
  signIn: 'check the user and password, in REDIS_URL or --redis-password-file',
  denied: 'the user lacks a right: set it with the ACL SETUSER line in docs/operations.md',
}

/** What no second try will change: a command that was renamed or left out, or that this server is too old for. */
const cannotBe = new RegExp(
  '^(Ready check failed: )?(ERR )?(' +
    'unknown (sub)?command|unknown or unsupported|wrong number of arguments|syntax error|' +
    'DB index is out of range|invalid DB index|SELECT is not allowed)',
  'i',
)

/** Replies of Redis begin with a word for programs: LOADING, READONLY, OOM. */
const isReply = /^[A-Z]{2,}\b/

/** Turns what was thrown into a Failure; what is denied stays a retry until `graceMs` have passed. */
export interface FailureReader {
  read(error: unknown): Failure
  /** Something was answered: the time of grace starts anew. */
  answered(): void
}

export function failureReader(graceMs: number, monotonicMs: () => number): FailureReader {
  let deniedSince: number | undefined
  return {
    answered() {
      deniedSince = undefined
    },
    read(error) {
      if (error instanceof Failure) return error
      const text = safeText(underneath(error))
      const word = /^[A-Z]+/.exec(text)?.[0] ?? ''
      if (word === 'WRONGTYPE')
        return new Failure('STORE_CONFLICT', `${text}: ${remedies.wrongType}`)
      if (cannotBe.test(text)) {
        return new Failure(
          'STORE_CONFLICT',
          `Redis cannot do what the worker needs: ${text}: ${remedies.unknown}`,
        )
      }
      if (!['NOAUTH', 'NOPERM', 'WRONGPASS'].includes(word)) {
        const what = isReply.test(text) ? 'Redis rejected the command' : 'Redis cannot be reached'
        return new Failure('STORE_UNREACHABLE', `${what}: ${text}`)
      }
      deniedSince ??= monotonicMs()
      const waited = monotonicMs() - deniedSince
      const remedy = word === 'NOPERM' ? remedies.denied : remedies.signIn
      const code = waited >= graceMs ? 'NOT_PERMITTED' : 'STORE_UNREACHABLE'
      return new Failure(code, `Redis refuses access: ${text}: ${remedy}`)
    },
  }
}

/** A cluster none of whose nodes let us in says so; why is inside. */
function underneath(error: unknown): unknown {
  const inside =
    error instanceof Error && 'lastNodeError' in error ? error.lastNodeError : undefined
  return inside instanceof Error ? inside : error
}

/** At most 200 characters, without the arguments that «unknown command» repeats, on one line. */
function safeText(error: unknown): string {
  const raw = error instanceof Error ? error.message || error.name : String(error)
  const cut = raw.split(/, with args|, with sub/)[0] ?? ''
  return cut.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 200)
}
