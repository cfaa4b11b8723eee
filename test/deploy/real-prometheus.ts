// A real Prometheus on a folder of its own, with the alerts of deploy/, scraping one worker every second.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../servers/ports.ts'
import { dataFolder, launch } from '../servers/process.ts'
import { packageRoot } from '../servers/versions.ts'
import { programOnPath, skipWithout } from './programs.ts'

export const program = programOnPath('prometheus')
export const skip = skipWithout(program, 'prometheus is missing: apt-get install prometheus')

export interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: readonly unknown[] }
}

/** Starts one on a folder of its own; gives a way to ask it. */
export async function prometheus(t: TestContext, command: string, worker: string) {
  const { path: folder, remove } = await dataFolder('prometheus')
  const rules = join(packageRoot, 'deploy', 'prometheus', 'alerts.yaml')
  const config = `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${rules}']
scrape_configs:
  - job_name: neupr-worker
    authorization: { credentials: scrape me }
    static_configs: [{ targets: ['${worker}'] }]
`
  await writeFile(join(folder, 'prometheus.yml'), config)
  const url = `http://127.0.0.1:${await freePort()}`
  const running = await launch({
    ...{ name: 'prometheus', command, folder },
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    ready: () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  })
  t.after(async () => {
    await running.kill()
    await remove()
  })
  return async (query: string): Promise<Answer> => {
    const body = new URLSearchParams({ query })
    const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body })
    return (await response.json()) as Answer
  }
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(100)
}
