// The registry client that the settings describe, or none.

import type { Config } from '../../settings/all.ts'
import { fileSecret, fileText } from '../../settings/secret.ts'
import type { RegistryAccess } from './request.ts'
import { createSchemaRegistry, type SchemaRegistry } from './schema-registry.ts'

export type RegistrySettings = Pick<
  Config,
  | 'registryUrl'
  | 'registryUser'
  | 'registryPasswordFile'
  | 'registryTokenFile'
  | 'registryCaFile'
  | 'registryCertificateFile'
  | 'registryKeyFile'
>

/** @throws Failure SETTINGS_INVALID */
export function registryFrom(config: RegistrySettings): SchemaRegistry | undefined {
  if (config.registryUrl === '') return undefined
  const { registryUser: user, registryPasswordFile: password, registryTokenFile: token } = config
  const { registryCaFile: ca, registryCertificateFile: own, registryKeyFile: key } = config
  const access: RegistryAccess = {
    ...(user === ''
      ? {}
      : { basic: { user, password: fileSecret('registryPasswordFile', password) } }),
    ...(token === '' ? {} : { bearer: fileSecret('registryTokenFile', token) }),
    ...(ca === '' ? {} : { ca: fileText('registryCaFile', ca) }),
    ...(own === '' ? {} : { certificate: fileText('registryCertificateFile', own) }),
    ...(key === '' ? {} : { key: fileSecret('registryKeyFile', key) }),
  }
  return createSchemaRegistry({ url: config.registryUrl, access })
}
