// How many members a consumer group has: the one that gives out the partitions is told of all of them, and nobody else.

import { type PartitionAssigner, PartitionAssigners } from 'kafkajs'

/** The library's own assigner, which tells the number of members whenever it gives out partitions. */
export function countingMembers(onMembers: (members: number) => void): PartitionAssigner {
  return (config) => {
    const assigner = PartitionAssigners.roundRobin(config)
    return {
      ...assigner,
      assign(group) {
        onMembers(group.members.length)
        return assigner.assign(group)
      },
    }
  }
}
