// The page docs/metrics.md: every metric of the worker as it introduces itself.
//   node dist/test/docs/metrics-page.js > docs/metrics.md

import { fileURLToPath } from 'node:url'
import { createLively } from '../deploy/lively.ts'

const intro = `# Metrics

What \`/metrics\` says, besides the usual \`process_\` and \`nodejs_\` metrics of a Node process. Labels
come from closed lists, so there are fewer than 500 series whatever the input. The
[dashboard](../deploy/grafana) and the [alerts](../deploy/README.md#runbook) use them.

<!-- Generated: node dist/test/docs/metrics-page.js > docs/metrics.md -->

| metric | type | labels | meaning |
|---|---|---|---|
`

/** What prom-client keeps of a metric and does not declare. */
interface Declared {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly labelNames: readonly string[]
}

export function metricsPage(): string {
  const { registry } = createLively(() => 1e6)
  const all = registry.getMetricsAsArray() as unknown as readonly Declared[]
  const rows = all
    .filter(({ name }) => name.startsWith('neupr_'))
    .map(({ name, type, labelNames, help }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ')
      return `| \`${name}\` | ${type} | ${labels} | ${help.replaceAll('|', '\\|')} |\n`
    })
  return intro + rows.join('')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(metricsPage())
