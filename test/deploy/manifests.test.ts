// Compose file and manifests: only settings that exist, and nothing runs with more rights than it needs.

import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { settings } from '../../src/settings/all.ts'
import { packageRoot } from '../servers/versions.ts'
import { deployFile, deployManifests, deployYaml } from './shipped.ts'

type Env = Readonly<Record<string, string>>
const known = new Set<string>(Object.values(settings).map(({ env }) => env))

interface Service {
  readonly image: string
  readonly environment?: Env
  readonly volumes?: readonly string[]
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly ports?: readonly string[]
}

test('the compose file sets what exists, publishes on loopback and mounts what is there', () => {
  const { services } = deployYaml<{ services: Record<string, Service> }>('compose.yaml')
  const { worker, topics } = services
  assert.ok(worker?.environment !== undefined && topics !== undefined)
  for (const name of Object.keys(worker.environment)) assert.ok(known.has(name), name)
  readConfig({ flags: {}, env: worker.environment })
  for (const one of [worker, topics]) {
    assert.equal(one.read_only, true)
    assert.deepEqual(one.cap_drop, ['ALL'])
  }
  for (const [name, { image, ports = [], volumes = [] }] of Object.entries(services)) {
    assert.ok(!/:latest$/.test(image), `${name}: ${image}`)
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name)
    for (const volume of volumes.filter((one) => one.startsWith('.'))) {
      const [path = ''] = volume.split(':')
      assert.ok(existsSync(join(packageRoot, 'deploy', path)), `${name}: ${path}`)
    }
  }
})

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly data?: Env
  readonly spec?: unknown
  readonly automountServiceAccountToken?: boolean
}

function manifests(): Manifest[] {
  const { resources } = deployYaml<{ resources: string[] }>('kubernetes/kustomization.yaml')
  const files = readdirSync(join(packageRoot, 'deploy', 'kubernetes')).sort()
  assert.deepEqual([...resources, 'kustomization.yaml'].sort(), files)
  return resources.flatMap((path) => deployManifests<Manifest>(`kubernetes/${path}`))
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean
  readonly terminationGracePeriodSeconds: number
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly volumes: readonly { readonly name: string }[]
  readonly containers: readonly {
    readonly env: readonly { readonly name: string }[]
    readonly securityContext: Readonly<Record<string, unknown>>
    readonly resources: { readonly requests: Env; readonly limits: Env }
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
    readonly livenessProbe: { readonly httpGet: Env }
    readonly readinessProbe: { readonly httpGet: Env }
  }[]
}

test('the manifests are whole: a set, its settings, a budget, a policy, all for the same pods', () => {
  const all = manifests()
  const kinds = ['ConfigMap', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount']
  assert.deepEqual(all.map(({ kind }) => kind).sort(), [...kinds, 'StatefulSet'].sort())
  assert.ok(all.every(({ metadata }) => metadata.name === 'neupr-worker'))
  const settingsMap = all.find(({ kind }) => kind === 'ConfigMap')?.data ?? {}
  for (const name of Object.keys(settingsMap)) assert.ok(known.has(name), name)
  const secrets = { NEUPR_REDIS_PASSWORD_FILE: '/secret', NEUPR_KAFKA_PASSWORD_FILE: '/secret' }
  readConfig({ flags: {}, env: { ...settingsMap, ...secrets } })
})

test('the pod has no rights, no token and nothing to write but its volume', () => {
  const set = manifests().find(({ kind }) => kind === 'StatefulSet')
  assert.ok(set?.spec !== undefined)
  const { template } = set.spec as { template: { spec: PodSpec } }
  const pod = template.spec
  assert.equal(pod.automountServiceAccountToken, false)
  assert.ok(pod.terminationGracePeriodSeconds > 25, 'longer than the worker takes at most')
  assert.equal(pod.securityContext.runAsNonRoot, true)
  assert.ok(Number(pod.securityContext.runAsUser) >= 10_000)
  const [container] = pod.containers
  assert.ok(container !== undefined && pod.containers.length === 1)
  assert.equal(container.securityContext.readOnlyRootFilesystem, true)
  assert.equal(container.securityContext.allowPrivilegeEscalation, false)
  assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] })
  assert.ok(container.resources.limits.memory !== undefined)
  assert.equal(container.livenessProbe.httpGet.path, '/livez')
  assert.equal(container.readinessProbe.httpGet.path, '/readyz')
  for (const { name } of container.env) assert.ok(known.has(name), name)
  const volumes = [...pod.volumes.map(({ name }) => name), 'checkpoints']
  for (const { name } of container.volumeMounts) assert.ok(volumes.includes(name), name)
})

test('the Dockerfile ends as a user without rights and copies what exists', () => {
  const text = deployFile('../Dockerfile')
  assert.match(text, /^USER 10001:10001$/m)
  const last = text.slice(text.lastIndexOf('\nFROM '))
  assert.match(last, /^\nFROM runtime AS worker\n/)
  assert.ok(!/--inspect/.test(text))
  for (const [, paths = ''] of text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const path of paths.split(' ')) assert.ok(existsSync(join(packageRoot, path)), path)
  }
  const ignored = deployFile('../.dockerignore')
  for (const [, paths = ''] of text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const path of paths.split(' ')) {
      assert.ok(
        ignored.split('\n').some((line) => line === `!${path}`),
        `.dockerignore drops ${path}`,
      )
    }
  }
})
