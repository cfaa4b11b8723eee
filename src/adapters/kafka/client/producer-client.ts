// The producer client in use, with connections of its own. One that was cut off is of no more use, and another takes
// its place.

import { Partitioners, type Producer } from 'kafkajs'
import { createKafka, type KafkaConnection } from './connect.ts'
import { disconnectInTime } from './disconnect.ts'
import { createSockets, type Sockets } from './sockets.ts'

export interface Client {
  readonly producer: Producer
  readonly sockets: Sockets
  /** Connects, unless that was done or is under way. */
  connect(): Promise<void>
  /** Whether it has connected, or tries to. */
  isOpen(): boolean
}

export interface ProducerClients {
  readonly current: Client
  /** Cuts the connections of a client: its requests fail, and what has not left never does. */
  cut(client: Client): void
}

/** `retries`: further attempts that a client makes by itself. */
export function createProducerClients(
  connection: KafkaConnection,
  retries: number,
): ProducerClients {
  let current = createClient(connection, retries)

  return {
    get current() {
      return current
    },
    cut(client) {
      client.sockets.cut()
      if (current === client) current = createClient(connection, retries)
      disconnectInTime(client.producer).catch((cause: Error) => {
        connection.logger.debug('a client that was cut off did not end well', {
          error: cause.message,
        })
      })
    },
  }
}

function createClient(connection: KafkaConnection, retries: number): Client {
  const sockets = createSockets()
  const hooks = { socketFactory: sockets.factory, isOver: () => sockets.isCut }
  const producer = createKafka(connection, hooks).producer({
    // The partition that Java's clients would choose for the key.
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    // Idempotence would make an outage an endless send; records are versioned instead.
    idempotent: false,
    retry: { retries, initialRetryTime: 100, maxRetryTime: 1_000 },
  })
  let connecting: Promise<void> | undefined

  return {
    producer,
    sockets,
    async connect() {
      connecting ??= producer.connect()
      try {
        await connecting
      } catch (error) {
        connecting = undefined
        throw error
      }
    },
    isOpen: () => connecting !== undefined,
  }
}
