// Commands and their replies: sent together to each node that holds the keys, each reply looked at. While
// a slot moves, its keys are asked for one by one where the cluster says they are.

import type { RedisCluster, RedisNode } from './client.ts'
import { slotOf } from './keys.ts'

/** name, first key, then the other arguments. */
export type Command = readonly [name: string, key: string, ...rest: (string | number)[]]

/** By node, commands that are given in one moment: they go in one pipeline, and its replies are for all of them. */
const gathering = new WeakMap<RedisNode, { commands: Command[]; replies: Promise<Reply[]> }>()
/** A pipeline to which more are added has fewer commands than this. */
const gatheredMax = 1_000

/** @throws the most serious error of the replies, as the library gives it. */
export async function runOnNode(node: RedisNode, commands: readonly Command[]): Promise<unknown[]> {
  let open = gathering.get(node)
  if (open === undefined || open.commands.length >= gatheredMax) {
    const own: Command[] = []
    const replies = momentOver().then(() => {
      if (gathering.get(node)?.commands === own) gathering.delete(node)
      return pipelined(node, own)
    })
    open = { commands: own, replies }
    gathering.set(node, open)
  }
  const from = open.commands.length
  open.commands.push(...commands)
  return checked((await open.replies).slice(from, from + commands.length))
}

/** Resolves when all that goes on without waiting for anything outside has been done. */
function momentOver(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

/** As runOnNode(); waits for all nodes, so that nothing is on its way when it rejects. */
export async function runOnCluster(
  cluster: RedisCluster,
  commands: readonly Command[],
): Promise<unknown[]> {
  const replies: Reply[] = new Array(commands.length)
  const work = [...byNode(cluster, commands)].map(async (indexes) => {
    const part = indexes.map((index) => commands[index] as Command)
    const got = await pipelined(cluster, part)
    for (const [at, index] of indexes.entries()) {
      const reply = got[at] as Reply
      replies[index] = isElsewhere(reply) ? await alone(cluster, part[at] as Command) : reply
    }
  })
  const failed = (await Promise.allSettled(work)).filter((one) => one.status === 'rejected')
  if (failed.length > 0) throw mostSerious(failed.map((one) => one.reason))
  return checked(replies)
}

type Reply = [error: Error | null, result: unknown]

async function pipelined(
  client: RedisNode | RedisCluster,
  commands: readonly Command[],
): Promise<Reply[]> {
  // The library's type wants arrays that it could change; it does not change them.
  const replies = await client.pipeline(commands as unknown as unknown[][]).exec()
  if (replies === null) throw new Error('the pipeline was dropped')
  return replies as Reply[]
}

function isElsewhere([error]: Reply): boolean {
  return error !== null && /^(ASK|MOVED|TRYAGAIN) /.test(error.message)
}

/** The library follows redirections of single commands, not of parts of a pipeline. */
async function alone(cluster: RedisCluster, [name, ...rest]: Command): Promise<Reply> {
  return [null, await cluster.call(name, ...rest)]
}

function byNode(cluster: RedisCluster, commands: readonly Command[]): Iterable<number[]> {
  const groups = new Map<string, number[]>()
  commands.forEach((command, index) => {
    const node = cluster.slots[slotOf(command[1])]?.join(';') ?? ''
    const group = groups.get(node)
    if (group === undefined) groups.set(node, [index])
    else group.push(index)
  })
  return groups.values()
}

/** A pipeline resolves even if commands in it failed. */
function checked(replies: readonly Reply[]): unknown[] {
  const errors = replies.flatMap(([error]) => (error === null ? [] : [error]))
  if (errors.length > 0) throw mostSerious(errors)
  return replies.map(([, result]) => result)
}

/** What a person must mend goes before what passes by itself. */
function mostSerious(errors: readonly unknown[]): unknown {
  const serious = (error: unknown) =>
    error instanceof Error && /^(WRONGTYPE|WRONGPASS|NOAUTH|NOPERM)/.test(error.message)
  return errors.find(serious) ?? errors[0]
}
