// Addresses of brokers with an IPv6 literal. kafkajs cuts `host:port` at the first colon, so such an address is
// given to it as a name, and the name becomes the address again where the connection is made.

import { connect as connectPlain, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'

/** Never resolved: these names do not leave the process. */
const suffix = '.ipv6.invalid'
const keepAliveMs = 60_000

/** `[::1]:9092` as a name with one colon; any other address as it is. */
export function nameOf(address: string): string {
  const [, literal, port] = /^\[([^\]]+)\]:(\d+)$/.exec(address) ?? []
  return literal === undefined ? address : `${literal.replaceAll(':', '-')}${suffix}:${port}`
}

/** The host that a name of nameOf() stands for; any other host as it is. */
export function hostOf(host: string): string {
  return host.endsWith(suffix) ? host.slice(0, -suffix.length).replaceAll('-', ':') : host
}

/** The address again, for people; any other text as it is. */
export function addressOf(name: string): string {
  const [, host = '', port] = /^(.+\.ipv6\.invalid):(\d+)$/.exec(name) ?? []
  return port === undefined ? name : `[${hostOf(host)}]:${port}`
}

/** What kafkajs does by itself, for a host that it does not know. */
export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = ssl
    ? connectTls({ host, port, ...name, ...ssl }, onConnect)
    : connectPlain({ host, port }, onConnect)
  return socket.setKeepAlive(true, keepAliveMs)
}
