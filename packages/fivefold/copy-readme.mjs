import { copyFileSync } from 'node:fs'

// npm packs no symbolic links, and the repository's front page is the package's as well.
copyFileSync(new URL('../../README.md', import.meta.url), new URL('README.md', import.meta.url))
