// What deploy/ asks of a Prometheus: the alerts, and the queries of the dashboard.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { packageRoot } from '../servers/versions.ts'

export interface Query {
  readonly where: string
  readonly expr: string
}

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: Readonly<Record<string, string>>
}

export function deployFile(path: string): string {
  return readFileSync(join(packageRoot, 'deploy', path), 'utf8')
}

export function deployYaml<T>(path: string): T {
  return parse(deployFile(path), { merge: true }) as T
}

/** All documents of a file that holds several. */
export function deployManifests<T>(path: string): T[] {
  return parseAllDocuments(deployFile(path)).map((one) => {
    if (one.errors.length > 0) throw one.errors[0]
    return one.toJS() as T
  })
}

export function alerts(): Alert[] {
  const { groups } = deployYaml<{ groups: { rules: Alert[] }[] }>('prometheus/alerts.yaml')
  return groups.flatMap(({ rules }) => rules)
}

interface Panel {
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly targets?: readonly { readonly expr: string }[]
}

export interface Dashboard {
  readonly panels: readonly Panel[]
  readonly annotations: {
    readonly list: readonly { readonly name: string; readonly expr: string }[]
  }
}

export function dashboard(): Dashboard {
  return JSON.parse(deployFile('grafana/neupr-worker.json')) as Dashboard
}

/** With the variables of Grafana filled in, as it would ask. */
export function queries(): Query[] {
  const { panels, annotations } = dashboard()
  const shown = panels.flatMap(({ title, targets }) =>
    (targets ?? []).map(({ expr }) => ({ where: title, expr })),
  )
  const marked = annotations.list.map(({ name, expr }) => ({ where: name, expr }))
  const drawn = [...shown, ...marked].map(({ where, expr }) => ({
    where,
    expr: expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m'),
  }))
  return [...drawn, ...alerts().map(({ alert, expr }) => ({ where: alert, expr }))]
}

export interface Selector {
  readonly name: string
  readonly matchers: readonly {
    readonly label: string
    readonly op: string
    readonly value: string
  }[]
}

const words = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'and',
  'or',
  'unless',
  'bool',
])

/** The series that a query asks for. A reading of PromQL that is enough for ours, and no parser of all of it. */
export function selectorsOf(expr: string): Selector[] {
  const bare = expr.replaceAll(
    /\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g,
    ' ',
  )
  const found: Selector[] = []
  for (const match of bare.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(\s*\()?/g)) {
    const [, name = '', braces = '', call] = match
    const before = bare[(match.index ?? 0) - 1] ?? ''
    if (call !== undefined || words.has(name) || /[\w"'[]/.test(before)) continue
    const matchers = [...braces.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
      ([, label = '', op = '', value = '']) => ({ label, op, value }),
    )
    found.push({ name, matchers })
  }
  return found
}
