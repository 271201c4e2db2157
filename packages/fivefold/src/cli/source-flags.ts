import { FivefoldError } from '../core/index.ts'
import { SEMANTIC_TYPES, type SemanticType, type SourceOptions } from '../data/index.ts'

/** The flags that say how a source is read, as commander parses them. */
export interface SourceFlags {
  readonly columns?: readonly string[]
  readonly format?: 'csv' | 'parquet' | 'jsonl'
  readonly delimiter?: string
  readonly encoding?: 'utf-8' | 'latin-1'
  readonly decimal?: '.' | ','
  readonly type?: Readonly<Record<string, string>>
  readonly where?: string
  readonly text?: readonly string[]
}

/** A source as flags describe it; for commands that name several sources with one set of flags. */
export function sourceFromFlags(location: string, flags: SourceFlags): SourceOptions {
  const { columns, format, delimiter, encoding, decimal, where } = flags
  const types = typesFromFlags(flags)
  return {
    location,
    ...(columns && { columns }),
    ...(format && { format }),
    ...(delimiter && { delimiter: delimiter === '\\t' ? '\t' : delimiter }),
    ...(encoding && { encoding }),
    ...(decimal && { decimal }),
    ...(where && { where }),
    ...(types && { types }),
  }
}

function typesFromFlags({ type = {}, text = [] }: SourceFlags): Record<string, SemanticType> | undefined {
  const types: Record<string, SemanticType> = {}
  for (const [name, given] of Object.entries(type)) {
    const known = SEMANTIC_TYPES.find((candidate) => candidate === given)
    if (!known)
      throw new FivefoldError('CLI_USAGE', `--type ${name}=${given}: the types are ${SEMANTIC_TYPES.join(', ')}`)
    types[name] = known
  }
  for (const name of text) types[name] = 'text'
  return Object.keys(types).length > 0 ? types : undefined
}
