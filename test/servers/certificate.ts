// A self-signed certificate for 127.0.0.1 and localhost, made afresh for each run: X.509 by hand, because Node
// signs but does not write certificates.

import { generateKeyPairSync, sign } from 'node:crypto'

export interface CertificatePair {
  /** PEM, also the only certificate authority to trust for it. */
  readonly cert: string
  readonly key: string
}

export function selfSigned(name = 'localhost', days = 2, now = new Date()): CertificatePair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaSha256 = sequence(oid('1.2.840.10045.4.3.2'))
  const commonName = sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(name)))
  const subject = sequence(der(0x31, commonName))
  const until = new Date(now.getTime() + days * 86_400_000)
  const from = new Date(now.getTime() - 86_400_000)
  const names = sequence(der(0x82, Buffer.from(name)), der(0x87, Buffer.from([127, 0, 0, 1])))
  const extensions = sequence(
    sequence(oid('2.5.29.17'), der(0x04, names)),
    sequence(
      oid('2.5.29.19'),
      der(0x01, Buffer.from([0xff])),
      der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
    ),
  )
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaSha256,
    subject,
    sequence(time(from), time(until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = sign('sha256', content, privateKey)
  const whole = sequence(
    content,
    ecdsaSha256,
    der(0x03, Buffer.concat([Buffer.from([0]), signature])),
  )
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** One value of the distinguished encoding rules: tag, length, content. */
function der(tag: number, content: Buffer): Buffer {
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = rest.flatMap((part) => {
    const groups = [part & 127]
    for (let more = part >> 7; more > 0; more >>= 7) groups.unshift((more & 127) | 128)
    return groups
  })
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]))
}

/** UTCTime, YYMMDDHHMMSSZ. */
function time(at: Date): Buffer {
  return der(0x17, Buffer.from(`${at.toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`))
}
