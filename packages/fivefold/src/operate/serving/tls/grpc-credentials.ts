import { ServerCredentials } from '@grpc/grpc-js'
import type { Watched } from '../access/watched-files.ts'
import type { Certificates } from './certificates.ts'

/** Credentials of a gRPC server that follow the files. Connections that are there already keep what they began with. */
export function grpcCredentials(certificates: Watched<Certificates> | undefined): ServerCredentials {
  return certificates ? new WatchedCredentials(certificates) : ServerCredentials.createInsecure()
}

class WatchedCredentials extends ServerCredentials {
  constructor(certificates: Watched<Certificates>) {
    const asksForCertificate = certificates.value.ca !== undefined
    super({ requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate }, certificates.value)
    certificates.onChange((value) => this.updateSecureContextOptions(value))
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this
  }
}
