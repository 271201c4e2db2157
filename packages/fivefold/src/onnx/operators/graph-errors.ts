import { FivefoldError } from '../../core/index.ts'

/** A node whose inputs or attributes break the rules of its operator. */
export const invalid = (message: string): FivefoldError => new FivefoldError('GRAPH_INVALID', message)

/** A node that is right, and that graphs here cannot express. */
export const unsupported = (message: string): FivefoldError => new FivefoldError('GRAPH_UNSUPPORTED', message)
