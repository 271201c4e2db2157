// Compiles the AssemblyScript kernels and writes them, as base64, into the package that uses them.
// Skips the work where neither sources nor compiler changed since the file was written.
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const assembly = new URL('./assembly/', import.meta.url)
const output = new URL('../fivefold/src/engines/boosting/kernels/wasm.generated.ts', import.meta.url)
/** Pages of 64 KiB; the most that a 32-bit memory can have. The importing memory may declare fewer. */
const MAXIMUM_PAGES = 65536
const FLAGS = [
  ...['--outFile', 'kernels.wasm', '-O3', '--converge', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--enable', 'simd', '--enable', 'threads', '--importMemory', '--sharedMemory'],
  ...['--initialMemory', '1', '--maximumMemory', String(MAXIMUM_PAGES)],
]

const sources = await readSources()
const hash = await hashOf(sources)
const current = await readFile(output, 'utf8').catch(() => '')
if (current.includes(`sha256 ${hash}\n`)) {
  console.log('kernels: unchanged')
} else {
  const wasm = await compile(sources)
  await writeFile(output, moduleText(hash, wasm))
  console.log(`kernels: ${wasm.length} bytes of WebAssembly`)
}

async function readSources() {
  const names = (await readdir(assembly)).filter((name) => name.endsWith('.ts')).sort()
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, assembly), 'utf8')])))
}

async function hashOf(sources) {
  const hash = createHash('sha256')
  const compilerManifest = fileURLToPath(import.meta.resolve('assemblyscript/package.json'))
  hash.update(JSON.parse(await readFile(compilerManifest, 'utf8')).version)
  hash.update(await readFile(new URL(import.meta.url)))
  for (const [name, text] of sources) hash.update(`${name}\0${text}\0`)
  return hash.digest('hex')
}

async function compile(sources) {
  const { default: asc } = await import('assemblyscript/asc')
  let wasm
  const result = await asc.main(['index.ts', ...FLAGS], {
    readFile: (name) => sources.get(name.replace(/^\.?\//, '')) ?? null,
    writeFile: (_name, content) => {
      wasm = content
    },
    listFiles: () => [],
  })
  if (result.error || wasm === undefined) throw new Error(`kernels do not compile\n${result.stderr.toString()}`)
  return wasm
}

function moduleText(hash, wasm) {
  return [
    `// Built by packages/kernels/build.mjs; not to be edited. Sources: sha256 ${hash}`,
    `export const KERNELS_WASM_BASE64 =`,
    `  '${Buffer.from(wasm).toString('base64')}'`,
    '',
  ].join('\n')
}
