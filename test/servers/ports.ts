// Ports for servers that tests start. They lie below the range that systems take by themselves for outgoing connections
// and for listen(0): a port out of that range may be gone again before the server binds it, and a client that dials it
// meanwhile may even be answered by itself.

import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Redis Cluster listens 10,000 above its port as well, which stays below Linux' 32,768 this way. */
const [lowest, highest] = [11_000, 22_000]
const triesMax = 1_000

/** One file a port in use by a test process, with the id of that process inside. */
const claims = join(tmpdir(), 'neupr-test-ports')

/**
 * A port of 127.0.0.1 that nothing listens on, claimed for this process until it ends.
 * @throws Error when no port was found
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries++) {
    const port = randomInt(lowest, highest)
    if (claim(port) && (await isFree(port))) return port
  }
  throw new Error(`no free port from ${lowest} to ${highest} after ${triesMax} tries`)
}

function claim(port: number): boolean {
  mkdirSync(claims, { recursive: true })
  const file = join(claims, String(port))
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (attempt > 0 || claimant(file)) return false
    rmSync(file, { force: true })
  }
  return false
}

/** Whether the process that claimed the port still runs. */
function claimant(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

export async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const end = (yes: boolean): void => {
      socket.destroy()
      resolve(yes)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
