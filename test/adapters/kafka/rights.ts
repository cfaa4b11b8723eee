// Grants rights to the account of the listener that denies what nobody has granted.

import kafkajs, { type Admin } from 'kafkajs'
import { given } from './real-kafka.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

export async function allowSecure(
  admin: Admin,
  kind: 'TOPIC' | 'GROUP',
  name: string,
  operations: readonly ('READ' | 'WRITE' | 'DESCRIBE')[],
): Promise<void> {
  await admin.createAcls({
    acl: operations.map((operation) => ({
      resourceType: AclResourceTypes[kind],
      resourceName: name,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: `User:${given('TEST_KAFKA_SECURE_USER')}`,
      host: '*',
      operation: AclOperationTypes[operation],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  })
}
