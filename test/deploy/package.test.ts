// The package as a stranger installs it: packed, put into an empty folder without what only its makers need, and run
// on a small file. What is missing from `files` or from the dependencies fails here.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TopList } from '../../src/types.ts'
import { environment, jsonLines, writeWorld } from '../e2e/program.ts'
import { dataFolder } from '../servers/process.ts'
import { runTool } from '../servers/tools.ts'
import { packageRoot } from '../servers/versions.ts'

const own = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  readonly version: string
  readonly devDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

test('the packed package installs into an empty folder and learns a file there', async (t) => {
  const { path: folder, remove } = await dataFolder('package')
  t.after(remove)
  // The tests stand on what is built: building again would change it under others.
  const packing = ['pack', '--ignore-scripts', '--json', '--loglevel=error']
  const into = ['--pack-destination', folder]
  const packed = await runTool('npm', [...packing, ...into], { cwd: packageRoot })
  const [{ filename, files }] = JSON.parse(packed)
  const unwanted = files.filter(({ path }: { path: string }) =>
    /^(src|test|dist\/test)\//.test(path),
  )
  assert.deepEqual(unwanted, [])

  await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
  const installing = ['install', '--omit=dev', '--omit=optional', '--prefer-offline']
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error']
  await runTool('npm', [...installing, ...quietly, join(folder, filename)], { cwd: folder })
  for (const name of Object.keys({ ...own.devDependencies, ...own.optionalDependencies })) {
    assert.ok(!existsSync(join(folder, 'node_modules', name)), `${name} was installed`)
  }

  const program = join(folder, 'node_modules', '.bin', 'neupr-worker')
  const options = { cwd: folder, env: environment({}) }
  assert.equal((await runTool(program, ['--version'], options)).trim().split(/\s/)[0], own.version)
  const events = writeWorld(join(folder, 'events.ndjson'), 400)
  const places = ['--source', 'file:events.ndjson', '--sink', 'file:lists.ndjson']
  await runTool(program, ['run', ...places, '--stop-at-end', '--effort', 'light'], options)
  const lists = jsonLines<TopList>(await readFile(join(folder, 'lists.ndjson'), 'utf8'))
  const users = new Set(events.map(({ user }) => user))
  assert.ok(lists.length > 0, 'no list was written')
  for (const { user } of lists) assert.ok(users.has(user), user)
})
