// Compiles the AssemblyScript kernels of each engine and writes them, as base64, into the package that uses them.
// Skips the work where neither sources nor compiler changed since the file was written.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Pages of 64 KiB; the most that a 32-bit memory can have. The importing memory may declare fewer. */
const MAXIMUM_PAGES = 65536
const COMMON_FLAGS = [
  ...['--outFile', 'kernels.wasm', '-O3', '--converge', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--enable', 'simd', '--importMemory', '--initialMemory', '1', '--maximumMemory', String(MAXIMUM_PAGES)],
]
/** An engine's kernels: assembly/<name>, into engines/<name>/kernels. */
const MODULES = [
  { name: 'boosting', flags: ['--enable', 'threads', '--sharedMemory'] },
  // ONNX Runtime takes no shared memory as feeds and fetches.
  { name: 'neural', flags: [] },
]

for (const module of MODULES) await build(module)

async function build({ name, flags }) {
  const assembly = new URL(`./assembly/${name}/`, import.meta.url)
  const output = new URL(`../fivefold/src/engines/${name}/kernels/wasm.generated.ts`, import.meta.url)
  const sources = await readSources(assembly)
  const hash = await hashOf(sources)
  const current = await readFile(output, 'utf8').catch(() => '')
  if (current.includes(`sha256 ${hash}\n`)) {
    console.log(`kernels, ${name}: unchanged`)
    return
  }
  const wasm = await compile(name, sources, flags)
  await mkdir(new URL('.', output), { recursive: true })
  await writeFile(output, moduleText(hash, wasm))
  console.log(`kernels, ${name}: ${wasm.length} bytes of WebAssembly`)
}

async function readSources(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort()
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')])))
}

async function hashOf(sources) {
  const hash = createHash('sha256')
  const compilerManifest = fileURLToPath(import.meta.resolve('assemblyscript/package.json'))
  hash.update(JSON.parse(await readFile(compilerManifest, 'utf8')).version)
  hash.update(await readFile(new URL(import.meta.url)))
  for (const [name, text] of sources) hash.update(`${name}\0${text}\0`)
  return hash.digest('hex')
}

async function compile(name, sources, flags) {
  const { default: asc } = await import('assemblyscript/asc')
  let wasm
  const result = await asc.main(['index.ts', ...COMMON_FLAGS, ...flags], {
    readFile: (path) => sources.get(path.replace(/^\.?\//, '')) ?? null,
    writeFile: (_path, content) => {
      wasm = content
    },
    listFiles: () => [],
  })
  if (result.error || wasm === undefined)
    throw new Error(`kernels of ${name} do not compile\n${result.stderr.toString()}`)
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
