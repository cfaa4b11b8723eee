// Units of time that an Avro schema gives a number: by its logical type, or by the name that Kafka
// Connect leaves on it.

/** A number whose unit the schema tells. */
export class LogicalTime {
  readonly value: number
  readonly unit: LogicalUnit

  constructor(value: number, unit: LogicalUnit) {
    this.value = value
    this.unit = unit
  }
}

export interface LogicalUnit {
  /** Of the unit in a millisecond; 1/86,400,000 for days. */
  readonly perMs: number
  /** The value counts in local time. */
  readonly local: boolean
}

/** 1990-01-01 and 2100-01-01: numbers between them are no time in any other unit. */
export const earliestMs = 631_152_000_000
export const latestMs = 4_102_444_800_000

export function isPlausibleMs(value: number): boolean {
  return value >= earliestMs && value < latestMs
}

export function isMillis({ perMs, local }: LogicalUnit): boolean {
  return perMs === 1 && !local
}

const day = { perMs: 1 / 86_400_000, local: false }
const millis = { perMs: 1, local: false }
const micros = { perMs: 1_000, local: false }
const nanos = { perMs: 1_000_000, local: false }

const byLogicalType: Readonly<Record<string, LogicalUnit>> = {
  date: day,
  'timestamp-millis': millis,
  'timestamp-micros': micros,
  'timestamp-nanos': nanos,
  'local-timestamp-millis': { ...millis, local: true },
  'local-timestamp-micros': { ...micros, local: true },
  'local-timestamp-nanos': { ...nanos, local: true },
}

const byConnectName: Readonly<Record<string, LogicalUnit>> = {
  'org.apache.kafka.connect.data.Timestamp': millis,
  'org.apache.kafka.connect.data.Date': day,
  'io.debezium.time.Timestamp': millis,
  'io.debezium.time.MicroTimestamp': micros,
  'io.debezium.time.NanoTimestamp': nanos,
  'io.debezium.time.Date': day,
}

/** The unit of an Avro type as it stands in a schema, or undefined. */
export function logicalUnitOf(schema: unknown): LogicalUnit | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const { type, logicalType, 'connect.name': name } = schema as Readonly<Record<string, unknown>>
  if (type !== 'int' && type !== 'long') return undefined
  return lookUp(byLogicalType, logicalType) ?? lookUp(byConnectName, name)
}

function lookUp(
  table: Readonly<Record<string, LogicalUnit>>,
  name: unknown,
): LogicalUnit | undefined {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined
}
