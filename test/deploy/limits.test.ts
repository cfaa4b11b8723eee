// The limits of the manifests follow from the bounds that they set: a worker that is full fits, and so does its disk.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { footprintOf } from '../../src/trainer/model/footprint.ts'
import { deployManifests } from './shipped.ts'

/** Of a positive set, on the mean. */
const positives = 20
/** Of a limit, what may be planned for: the rest is for bursts and for the garbage of the process. */
const plannedMax = 0.85
/** Checkpoints on disk at most, as docs/operations.md says. */
const checkpoints = 6

interface Manifest {
  readonly kind: string
  readonly data?: Readonly<Record<string, string>>
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly resources: { readonly limits: { readonly memory: string } }
        }[]
      }
    }
    readonly volumeClaimTemplates: readonly {
      readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } }
    }[]
  }
}

function bytesOf(quantity: string): number {
  const [, number, unit] = /^(\d+)(Gi|Mi)$/.exec(quantity) ?? []
  assert.ok(number !== undefined, quantity)
  return Number(number) * 2 ** (unit === 'Gi' ? 30 : 20)
}

test('a full worker fits into the limits of the manifests, and not into much less', () => {
  const [settings] = deployManifests<Manifest>('kubernetes/settings.yaml')
  const { config } = readConfig({ flags: {}, env: settings?.data ?? {} })
  const population = { users: config.usersMax, items: config.itemsMax, positives }
  const { memory, checkpoint } = footprintOf(config, population)
  const set = deployManifests<Manifest>('kubernetes/worker.yaml').find(
    ({ kind }) => kind === 'StatefulSet',
  )
  const limit = bytesOf(set!.spec.template.spec.containers[0]!.resources.limits.memory)
  assert.ok(memory < plannedMax * limit, `${Math.round(memory / 1e6)} MB of ${limit}`)
  assert.ok(memory > limit / 2, `${Math.round(memory / 1e6)} MB of ${limit}`)
  const disk = bytesOf(set!.spec.volumeClaimTemplates[0]!.spec.resources.requests.storage)
  assert.ok(checkpoints * checkpoint < disk, `${Math.round(checkpoint / 1e6)} MB each`)
})
