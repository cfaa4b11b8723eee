// What operators see, and when publishing is paused.

import { setting } from './setting.ts'

export const watch = {
  httpPort: setting.integer({
    env: 'NEUPR_HTTP_PORT',
    default: 0,
    min: 0,
    max: 65_535,
    help: 'port of the status page, probes and metrics; 0: none',
  }),
  httpHost: setting.text({
    env: 'NEUPR_HTTP_HOST',
    default: '127.0.0.1',
    max: 255,
    help: 'address it listens on; 0.0.0.0 for every interface',
  }),
  httpToken: setting.text({
    env: 'NEUPR_HTTP_TOKEN',
    default: '',
    secret: true,
    help: 'bearer token that every path but /livez and /readyz asks for; empty: no token',
  }),
  httpAsksMax: setting.integer({
    env: 'NEUPR_HTTP_ASKS_MAX',
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'requests',
    help: 'requests for lists that may wait for the trainer at the same time; further ones get 503',
  }),
  httpBodyBytesMax: setting.integer({
    env: 'NEUPR_HTTP_BODY_BYTES_MAX',
    default: 262_144,
    min: 1_024,
    max: 16_777_216,
    unit: 'bytes',
    help: 'longest body of a request for a list',
  }),
  httpHistoryMax: setting.integer({
    env: 'NEUPR_HTTP_HISTORY_MAX',
    default: 1_000,
    min: 1,
    max: 100_000,
    unit: 'items',
    help: 'most items in the history of a request for a list',
  }),
  logLevel: setting.choice({
    env: 'NEUPR_LOG_LEVEL',
    default: 'info',
    of: ['debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    help: 'lines below this level are left out',
  }),
  gate: setting.flag({
    env: 'NEUPR_GATE',
    default: true,
    help: 'pause publishing and roll the model back while it ranks worse than it should',
  }),
  gateMargin: setting.decimal({
    env: 'NEUPR_GATE_MARGIN',
    default: 0.1,
    min: 0,
    max: 1,
    help: 'share by which the model may rank worse than popularity before publishing is paused',
  }),
  gateDrop: setting.decimal({
    env: 'NEUPR_GATE_DROP',
    default: 0.5,
    min: 0,
    max: 1,
    help: 'share of its own usual hit ratio that the model may lose before publishing is paused',
  }),
  gateEventsMin: setting.integer({
    env: 'NEUPR_GATE_EVENTS_MIN',
    default: 500,
    min: 100,
    max: 1_000_000,
    unit: 'events',
    help: 'scored events in the window before the gate judges quality',
  }),
} as const
