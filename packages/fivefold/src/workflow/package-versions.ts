import { createRequire } from 'node:module'

const NUMERIC_PACKAGES = ['onnxruntime-node', '@duckdb/node-api'] as const

/** Versions of what the numbers depend on. */
export function packageVersions(): Record<string, string> {
  const require = createRequire(import.meta.url)
  const versions = NUMERIC_PACKAGES.map((name) => [
    name,
    (require(`${name}/package.json`) as { version: string }).version,
  ])
  return { node: process.versions.node, ...Object.fromEntries(versions) }
}
