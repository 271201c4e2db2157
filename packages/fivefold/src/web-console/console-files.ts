import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ConsoleFile {
  /** As the browser asks for it, with a leading slash. */
  readonly url: string
  readonly type: string
  readonly content: Buffer
  /** Its name holds a hash of its content: it never changes. */
  readonly isFixed: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Where the build puts the console: the same place seen from the sources and from what they are compiled to. */
const BUILT = fileURLToPath(new URL('../../dist/console/', import.meta.url))

/** The files of the built console; none where it is not built. */
export async function readConsoleFiles(folder: string = BUILT): Promise<ConsoleFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
  return Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      const place = path.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/')
      const url = place === '/index.html' ? '/' : place
      const type = TYPES[extname(entry.name)]!
      return { url, type, content: await readFile(path), isFixed: place.startsWith('/assets/') }
    }),
  )
}
