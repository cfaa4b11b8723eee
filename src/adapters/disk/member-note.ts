// The member id that a worker has in its consumer group, kept on disk while it is a member: whoever starts in its place
// after a crash can leave the group for it.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from './folders.ts'

export interface Member {
  readonly groupId: string
  readonly memberId: string
}

export interface MemberNote {
  /** The member that did not leave; undefined after a clean end, or where the note is torn. */
  read(): Member | undefined
  write(member: Member): void
  clear(): void
}

const noteName = 'group-member.json'

/** `folder`: one worker's own, such as that of its checkpoints. */
export function createMemberNote(folder: string): MemberNote {
  const path = join(folder, noteName)
  return {
    read() {
      try {
        const { groupId, memberId } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Member>
        const isWhole = typeof groupId === 'string' && typeof memberId === 'string'
        return isWhole ? { groupId, memberId } : undefined
      } catch (error) {
        if (error instanceof SyntaxError) return undefined
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    write(member) {
      makeFolder(folder)
      writeFileSync(path, JSON.stringify(member))
    },
    clear: () => rmSync(path, { force: true }),
  }
}
