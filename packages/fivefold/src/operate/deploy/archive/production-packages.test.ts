import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { LEFT_OUT, productionPackages } from './production-packages.ts'

const ENTRY = fileURLToPath(new URL('../lambda/index.ts', import.meta.url))
const STATIC_IMPORT = /^(?:import|export)\s+(?!type\b)[^'"]*?\bfrom\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm

/** Packages that are loaded with a file, each with the files on the way to it. */
function loadedWith(file: string, way: readonly string[] = [], seen = new Set<string>()): Map<string, string> {
  const packages = new Map<string, string>()
  if (seen.has(file)) return packages
  seen.add(file)
  for (const [, from, bare] of readFileSync(file, 'utf8').matchAll(STATIC_IMPORT)) {
    const target = (from ?? bare)!
    const here = [...way, file.replace(/.*\/src\//, '')]
    if (target.startsWith('.'))
      for (const [name, path] of loadedWith(resolve(dirname(file), target), here, seen)) packages.set(name, path)
    else if (!target.startsWith('node:')) packages.set(target, here.join(' -> '))
  }
  return packages
}

describe('productionPackages', () => {
  it('leaves out nothing that answering loads', () => {
    const loaded = loadedWith(ENTRY)
    expect([...loaded.keys()]).toContain('fastify')
    expect([...loaded].filter(([name]) => LEFT_OUT.has(name))).toEqual([])
  })

  it('keeps one platform of ONNX Runtime, and no tests, types or console', async () => {
    const paths = (await productionPackages('arm64')).map(({ path }) => path)
    const natives = paths.filter((path) => path.includes('onnxruntime-node/bin/'))
    expect(natives.length).toBeGreaterThan(0)
    for (const path of natives) expect(path).toContain('/linux/arm64/')
    expect(paths).toContain('node_modules/fivefold/dist/operate/deploy/lambda/index.js')
    expect(paths.filter((path) => /\.d\.ts$|\.test\.js$|dist\/console\//.test(path))).toEqual([])
  })
})
