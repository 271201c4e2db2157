import { FivefoldError } from '../../core/index.ts'

const MAX_LENGTH = 2000

/**
 * The parts of a path in the tree of artifacts. The tree lies in the database, so no path reaches the disk; still, names
 * that mean something elsewhere are refused, since clients write them to theirs. Throws OPTION_INVALID.
 */
export function checkArtifactPath(path: string): string {
  const isFine = path.length > 0 && path.length <= MAX_LENGTH && path.split('/').every(isName)
  if (isFine) return path
  throw new FivefoldError('OPTION_INVALID', `Invalid path: '${path.slice(0, 200)}' is not a path of an artifact`)
}

function isName(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  return part !== '' && part !== '.' && part !== '..' && !/[\\\u0000-\u001f\u007f]/.test(part)
}

/** The path inside the store that a URI names; undefined where it names another place. */
export function pathOfUri(uri: string): string | undefined {
  return /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.+?)\/*$/.exec(uri)?.[1]
}
