export type ArtifactKind = 'image' | 'table' | 'json' | 'markdown' | 'page' | 'text' | 'other'

const KINDS: Readonly<Record<Exclude<ArtifactKind, 'other'>, readonly string[]>> = {
  image: ['png', 'jpg', 'jpeg', 'gif', 'webp', 'svg', 'avif'],
  table: ['csv', 'tsv'],
  json: ['json', 'ipynb'],
  markdown: ['md', 'markdown'],
  page: ['html', 'htm'],
  text: [
    'txt',
    'log',
    'yaml',
    'yml',
    'toml',
    'ini',
    'cfg',
    'py',
    'ts',
    'js',
    'mjs',
    'sql',
    'sh',
    'xml',
    'jsonl',
    'diff',
    'patch',
    'r',
    'env',
  ],
}

const NAMES = new Set(['MLmodel', 'LICENSE', 'Dockerfile', 'Makefile', 'README'])

/** How a file is shown, by its name. */
export function artifactKind(path: string): ArtifactKind {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (NAMES.has(name)) return 'text'
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  const found = Object.entries(KINDS).find(([, extensions]) => extensions.includes(extension))
  return (found?.[0] as ArtifactKind | undefined) ?? 'other'
}
