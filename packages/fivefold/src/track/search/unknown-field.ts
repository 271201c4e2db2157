import { FivefoldError } from '../../core/index.ts'

/** What to say of a name in a filter that stands for nothing. */
export function unknownField(
  entity: string,
  key: string,
  entities: readonly string[],
  attributes: readonly string[],
): FivefoldError {
  const known = entities.includes(entity) || entity === 'attributes' || entity === 'attr'
  return new FivefoldError(
    'OPTION_INVALID',
    known
      ? `Invalid attribute key '${key}' specified. Valid keys are: ${attributes.join(', ')}`
      : `Invalid entity type '${entity}'. Valid values are: ${entities.join(', ')}`,
  )
}
