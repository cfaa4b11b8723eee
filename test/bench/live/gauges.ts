// What a worker says of itself on its metrics port, as far as the live benchmark asks.

export interface Gauges {
  /** Records that wait in the topic. */
  readonly lag: number
  /** Records that are safe in the store. */
  readonly applied: number
  /** Events that wait for the trainer. */
  readonly queued: number
  /** Events that are still to be learned in full. */
  readonly debt: number
  readonly shed: number
  /** HR@10 of the last 30 %. */
  readonly last30: number
  /** Events measured so far, and hits among them. */
  readonly measured: number
  readonly hits: number
  readonly triplets: number
  /** Written to the sink. */
  readonly lists: number
  /** Of the process, all its threads. */
  readonly cpuSeconds: number
}

export async function readGauges(port: number): Promise<Gauges> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  const text = await response.text()
  const value = (name: string, labels: Record<string, string> = {}): number => {
    const line = text.split('\n').find((one) => {
      const holds = Object.entries(labels).every(([label, is]) => one.includes(`${label}="${is}"`))
      return holds && (one.startsWith(`${name} `) || one.startsWith(`${name}{`))
    })
    return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  const all = { ranker: 'model', segment: 'all' }
  const measured = value('neupr_prequential_events', all)
  return {
    lag: value('neupr_lag_records'),
    applied: value('neupr_events_applied_total'),
    queued: value('neupr_trainer_queue_events'),
    debt: value('neupr_learning_debt_events'),
    shed: value('neupr_learning_shed_ratio'),
    last30: value('neupr_prequential_hit_ratio', { ranker: 'model', segment: 'last30' }),
    measured,
    hits: value('neupr_prequential_hit_ratio', all) * measured,
    triplets: value('neupr_triplets_total'),
    lists:
      value('neupr_lists_published_total', { source: 'PERSONAL' }) +
      value('neupr_lists_published_total', { source: 'POPULAR' }),
    cpuSeconds: value('process_cpu_seconds_total'),
  }
}
