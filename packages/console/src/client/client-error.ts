export type ClientErrorKind = 'missing' | 'refused' | 'denied' | 'unreachable' | 'failed'

/** Why an answer did not come; `message` is the server's own where it gave one. */
export class ClientError extends Error {
  readonly kind: ClientErrorKind

  constructor(kind: ClientErrorKind, message: string) {
    super(message)
    this.name = 'ClientError'
    this.kind = kind
  }
}
