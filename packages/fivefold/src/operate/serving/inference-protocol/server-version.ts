import { readFileSync } from 'node:fs'

/** Version of this package. `src/` and `dist/` lie equally deep below its package.json. */
export const SERVER_VERSION: string = versionIn(new URL('../../../../package.json', import.meta.url))

function versionIn(manifest: URL): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
