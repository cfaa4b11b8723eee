// The member id that a worker has in its consumer group, kept on disk while it is a member: whoever starts in its place
// after a crash can leave the group for it. The partitions it had are kept beyond that, so that they can be asked for.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from './folders.ts'

export interface Member {
  readonly groupId: string
  readonly topic: string
  /** Absent where it has left. */
  readonly memberId?: string
  /** Those of the topic that it had last. */
  readonly partitions: readonly number[]
}

export interface MemberNote {
  /** Who was a member last; undefined where nobody was, or where the note is torn. */
  read(): Member | undefined
  write(member: Member): void
  /** The member has left. */
  clear(): void
}

const noteName = 'group-member.json'

/** `folder`: one worker's own, such as that of its checkpoints. */
export function createMemberNote(folder: string): MemberNote {
  const path = join(folder, noteName)

  function read(): Member | undefined {
    try {
      const told = JSON.parse(readFileSync(path, 'utf8')) as Partial<Member>
      const { groupId, memberId, topic = '', partitions = [] } = told
      if (typeof groupId !== 'string') return undefined
      return { groupId, topic, partitions, ...(typeof memberId === 'string' && { memberId }) }
    } catch (error) {
      if (error instanceof SyntaxError) return undefined
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  function write(member: Member): void {
    makeFolder(folder)
    writeFileSync(path, JSON.stringify(member))
  }

  return {
    read,
    write,
    clear() {
      const member = read()
      if (member?.memberId === undefined) return
      const { groupId, topic, partitions } = member
      write({ groupId, topic, partitions })
    },
  }
}
