// The rights the store needs and no others: the line for ACL SETUSER, tried by the tests as it stands.

const always = [
  ...['ping', 'hello', 'auth', 'client', 'select', 'info', 'scan', 'get', 'incrby', 'expire'],
  ...['zadd', 'zrem', 'zrange', 'zremrangebyrank', 'zcard', 'zmscore'],
]
const inClusters = ['cluster|slots', 'cluster|info', 'readonly']

/** Rules after `ACL SETUSER name on >password`, e.g. `resetkeys ~neupr:* resetchannels -@all +ping …`. */
export function aclRules(prefix: string): string[] {
  const rights = [...always, ...inClusters].map((right) => `+${right}`)
  return ['resetkeys', `~${prefix}*`, 'resetchannels', '-@all', ...rights]
}
