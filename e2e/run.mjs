/**
 * End to end: packs the package, installs it in an empty folder outside the repository as a user would, and runs the
 * tests there. Needs `npm run build` before, and the npm registry or cache for the package's dependencies.
 * `node e2e/run.mjs [name...]` runs only the test files whose name contains one of the words.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('..', import.meta.url))
const words = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'fivefold-e2e-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

if (!existsSync(join(repository, 'packages/fivefold/dist/cli/main.js'))) {
  console.error('packages/fivefold/dist is missing: run `npm run build` first')
  process.exit(1)
}

const tarball = pack()
const installed = install(tarball)
const tests = readdirSync(join(repository, 'e2e/tests'))
  .filter((name) => name.endsWith('.test.mjs') && (words.length === 0 || words.some((word) => name.includes(word))))
  .map((name) => join(repository, 'e2e/tests', name))

// One file after the other: each already runs a process that uses every core.
const runner = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', ...tests], {
  stdio: 'inherit',
  env: {
    ...process.env,
    FIVEFOLD_INSTALLED: installed,
    FIVEFOLD_REPOSITORY: repository,
    FIVEFOLD_TARBALL: tarball,
  },
})
runner.on('exit', (code) => process.exit(code ?? 1))
// The runner ends with us; our exit takes the folders away.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => runner.kill('SIGTERM'))

function pack() {
  const packed = npm(
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, '-w', 'packages/fivefold'],
    repository,
  )
  const [{ filename, size, entryCount }] = JSON.parse(packed)
  console.log(`packed ${filename}: ${entryCount} files, ${(size / 1e6).toFixed(2)} MB`)
  return join(folder, filename)
}

function install(tarballPath) {
  const project = mkdtempSync(join(folder, 'project-'))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
  npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarballPath], project)
  console.log(`installed in ${project}`)
  return project
}

function npm(args, cwd) {
  const { status, stdout, stderr, error } = spawnSync('npm', args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status === 0) return stdout
  console.error(`npm ${args.join(' ')} failed: ${error ?? ''}\n${stderr}`)
  process.exit(1)
}
