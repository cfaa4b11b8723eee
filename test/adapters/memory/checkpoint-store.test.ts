// The memory store keeps the promises of the port, and copies.

import { promisesOfChanges } from '../../contracts/checkpoint-changes.ts'
import { checkpointStoreContract } from '../../contracts/checkpoint-store.ts'
import { createMemoryCheckpointStore, createMemoryPlace } from './memory-checkpoint-store.ts'

const openPlace = (kept: number) => {
  const place = createMemoryPlace()
  return () => createMemoryCheckpointStore({ kept, place })
}
checkpointStoreContract(openPlace)
promisesOfChanges(openPlace)
