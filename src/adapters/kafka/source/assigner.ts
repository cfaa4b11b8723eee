// Gives out the partitions of a topic evenly, and leaves each with the member that has it, or had it before it was
// started again: that member has learned from the users of the partition and knows them. The library's own assigner
// deals them out anew by the members' ids, which are others after each start.
//
// Each member tells with its request to join what it has and what it had. The group's leader gives: first what members
// have, then what they had, then the rest to those with the fewest. Where a member must give some away, it keeps those
// that nobody else asks for.

import { AssignerProtocol, type PartitionAssigner, PartitionAssigners } from 'kafkajs'
import type { KafkaSourceOptions } from './options.ts'

/** The partitions of one topic that a member asks for. */
export interface Claims {
  /** It has them now. */
  readonly holds: readonly number[]
  /** It had them before its process or its membership ended. */
  readonly held: readonly number[]
}

/** What a member asks for over its life. */
export class MemberClaims implements Claims {
  holds: readonly number[] = []
  held: readonly number[]

  constructor(held: readonly number[] = []) {
    this.held = held
  }

  /** The group has given it these. */
  given(partitions: readonly number[]): void {
    this.holds = partitions
    this.held = []
  }

  /** It begins as another member. */
  lost(): void {
    this.held = [...this.holds, ...this.held]
    this.holds = []
  }
}

/** Of a member that is about to begin. */
export function claimsOf(options: KafkaSourceOptions): MemberClaims {
  const noted = options.memberNote?.read()
  const isSame = noted?.groupId === options.groupId && noted.topic === options.topic
  return new MemberClaims(isSame ? noted.partitions : [])
}

const { MemberMetadata, MemberAssignment } = AssignerProtocol
const version = 0

/**
 * The assigners of a member, which read its claims at each join. The second is that of members without the first: a
 * group uses one that all of them know. `onMembers`: the number of members, told to who gives out the partitions.
 */
export function assignersOf(
  topic: string,
  { claims, onMembers }: { claims: Claims; onMembers: (members: number) => void },
): PartitionAssigner[] {
  const keeping: PartitionAssigner = ({ cluster }) => ({
    name: 'NeuprKeepingAssigner',
    version,
    protocol: ({ topics }) => ({
      name: 'NeuprKeepingAssigner',
      metadata: MemberMetadata.encode({ version, topics, userData: encode(topic, claims) }),
    }),
    async assign({ members }) {
      onMembers(members.length)
      const partitions = cluster.findTopicPartitionMetadata(topic).map((one) => one.partitionId)
      const asked = new Map(
        members.map(({ memberId, memberMetadata }) => [
          memberId,
          decode(MemberMetadata.decode(memberMetadata)?.userData, topic),
        ]),
      )
      return [...shareOut(partitions, asked)].map(([memberId, given]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          ...{ version, assignment: { [topic]: given } },
          userData: Buffer.alloc(0),
        }),
      }))
    },
  })
  const dealing: PartitionAssigner = (config) => {
    const roundRobin = PartitionAssigners.roundRobin(config)
    return {
      ...roundRobin,
      assign(group) {
        onMembers(group.members.length)
        return roundRobin.assign(group)
      },
    }
  }
  return [keeping, dealing]
}

/** By member what it is given, ascending: as many as any other, or one more. */
export function shareOut(
  partitions: readonly number[],
  claims: ReadonlyMap<string, Claims>,
): Map<string, number[]> {
  const given = new Map([...claims.keys()].sort().map((member) => [member, [] as number[]]))
  const left = new Set([...partitions].sort((a, b) => a - b))
  const least = Math.floor(left.size / given.size)
  /** Members that may have one more than `least`. */
  let more = left.size % given.size

  function give(partition: number, own: number[]): void {
    if (!left.has(partition) || own.length > least) return
    if (own.length === least && more === 0) return
    if (own.length === least) more--
    own.push(partition)
    left.delete(partition)
  }

  const askers = new Map<number, number>()
  for (const { holds, held } of claims.values()) {
    for (const one of new Set([...holds, ...held])) askers.set(one, (askers.get(one) ?? 0) + 1)
  }
  for (const kind of ['holds', 'held'] as const) {
    for (const [member, own] of given) {
      const asked = [...claims.get(member)![kind]]
      asked.sort((a, b) => askers.get(a)! - askers.get(b)! || a - b)
      for (const partition of asked) give(partition, own)
    }
  }
  for (const partition of [...left]) {
    give(
      partition,
      [...given.values()].reduce((a, b) => (b.length < a.length ? b : a)),
    )
  }
  for (const own of given.values()) own.sort((a, b) => a - b)
  return given
}

function encode(topic: string, { holds, held }: Claims): Buffer {
  return Buffer.from(JSON.stringify({ topic, holds, held }))
}

/** What cannot be read, such as that of another program in the group, asks for nothing. */
function decode(userData: Buffer | undefined, topic: string): Claims {
  const nothing = { holds: [], held: [] }
  try {
    const told = JSON.parse(userData?.toString() ?? '') as Partial<Claims & { topic: string }>
    if (told.topic !== topic || !isNumbers(told.holds) || !isNumbers(told.held)) return nothing
    return { holds: told.holds, held: told.held }
  } catch (error) {
    if (error instanceof SyntaxError) return nothing
    throw error
  }
}

function isNumbers(told: unknown): told is number[] {
  return Array.isArray(told) && told.every((one) => Number.isInteger(one))
}
