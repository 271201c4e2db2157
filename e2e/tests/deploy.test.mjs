import { strict as assert } from 'node:assert'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { buildImage } from '../dockerfile.mjs'
import { assertDone, assertError, fivefold, workFolder } from '../installed.mjs'

const folder = workFolder('deploy')
const bundle = join(process.env.FIVEFOLD_REPOSITORY, 'packages/fivefold/src/bundle/fixtures/format-1')
const deploy = (...args) => fivefold(['deploy', '--model', bundle, ...args, '--json'], { cwd: folder })
const has = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined

const sizeOf = (path) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

describe('fivefold deploy --target docker and sagemaker', () => {
  let image
  it('writes an image whose steps can be run, and which serves, is healthy and stops as asked', async () => {
    const port = await freePort()
    const tarball = process.env.FIVEFOLD_TARBALL
    assertDone(await deploy('--target', 'docker', '--out', 'docker', '--port', port, '--package', tarball))
    image = buildImage(join(folder, 'docker'), join(folder, 'build'))
    console.log(`packages in the image: ${(sizeOf(join(image.folder, 'node_modules')) / 1e6).toFixed(0)} MB`)
    assert.deepEqual(readdirSync(join(image.folder, 'node_modules/onnxruntime-node/bin/napi-v6')), ['linux'])
    const [command, ...args] = image.command
    const server = spawn(command, args, { cwd: image.folder, env: { PATH: process.env.PATH, ...image.env } })
    try {
      const [check, ...checkArgs] = image.healthCheck
      const isHealthy = () => spawnSync(check, checkArgs).status === 0
      for (let i = 0; i < 100 && !isHealthy(); i++) await new Promise((resolve) => setTimeout(resolve, 200))
      const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1])
      console.log(`memory of the server: ${(rss / 1024).toFixed(0)} MiB`)
      const body = readFileSync(join(folder, 'docker/example-request.json'))
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', headers, body })
      assert.equal(answer.status, 200)
      assert.match((await answer.json()).predictions[0].label, /^(yes|no)$/)
      server.kill('SIGTERM')
      const [code] = await once(server, 'exit')
      assert.equal(code, 0)
      assert.equal(isHealthy(), false)
    } finally {
      server.kill('SIGKILL')
    }
  })

  it('writes a script `serve` that SageMaker starts, asks and stops', async () => {
    const port = await freePort()
    assertDone(await deploy('--target', 'sagemaker', '--out', 'sagemaker'))
    // The folders of the platform are others here; the packages are those of the image above.
    const script = readFileSync(join(folder, 'sagemaker/image/serve'), 'utf8')
      .replace('/app/', `${image.folder}/`)
      .replace('/opt/ml/model', join(folder, 'sagemaker/model'))
      .replace('--port 8080', `--port ${port}`)
    writeFileSync(join(folder, 'serve'), script, { mode: 0o755 })
    const server = spawn(join(folder, 'serve'))
    try {
      const url = `http://127.0.0.1:${port}`
      const isHealthy = () =>
        fetch(`${url}/ping`).then(
          ({ status }) => status === 200,
          () => false,
        )
      for (let i = 0; i < 100 && !(await isHealthy()); i++) await new Promise((resolve) => setTimeout(resolve, 200))
      const body = readFileSync(join(folder, 'sagemaker/invocation.json'))
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/invocations`, { method: 'POST', headers, body })
      assert.match((await answer.json()).predictions[0].label, /^(yes|no)$/)
      server.kill('SIGTERM')
      const [code] = await once(server, 'exit')
      assert.equal(code, 0)
    } finally {
      server.kill('SIGKILL')
    }
  })
})

describe('fivefold deploy --target lambda', () => {
  const skip = has('unzip') ? false : 'since unzip is not installed'
  for (const arch of ['x64', 'arm64'])
    it(`writes a function for ${arch} below the limits`, { skip }, async () => {
      const out = join(folder, `lambda-${arch}`)
      assertDone(await deploy('--target', 'lambda', '--arch', arch, '--out', out))
      execFileSync('unzip', ['-q', 'function.zip', '-d', 'function'], { cwd: out })
      const [zipped, unzipped] = [statSync(join(out, 'function.zip')).size, sizeOf(join(out, 'function'))]
      console.log(`${arch}: ${(zipped / 1e6).toFixed(1)} MB, unpacked ${(unzipped / 1e6).toFixed(1)} MB`)
      assert.ok(zipped < 50 * 2 ** 20 && unzipped < 250 * 2 ** 20)
      const runtime = join(out, 'function/node_modules/onnxruntime-node/bin/napi-v6')
      assert.deepEqual([readdirSync(runtime), readdirSync(join(runtime, 'linux'))], [['linux'], [arch]])
    })

  it('answers an event with nothing but what is in the archive', { skip }, async () => {
    assert.equal(process.platform, 'linux', 'the archive is for Linux')
    const out = join(folder, 'lambda-own')
    assertDone(await deploy('--target', 'lambda', '--arch', process.arch, '--out', out))
    const alone = mkdtempSync(join(tmpdir(), 'fivefold-function-'))
    try {
      execFileSync('unzip', ['-q', join(out, 'function.zip'), '-d', alone])
      const call = `
        const { handler } = await import('./handler.mjs')
        const event = JSON.parse((await import('node:fs')).readFileSync(process.argv[1], 'utf8'))
        console.log(JSON.stringify(await handler(event)))
        process.exit()`
      const event = join(out, 'events/predict.json')
      const answer = execFileSync(process.execPath, ['--input-type=module', '--eval', call, event], {
        cwd: alone,
        env: { PATH: process.env.PATH, MODEL_VERSION: '3' },
        encoding: 'utf8',
      })
      const { statusCode, body } = JSON.parse(answer)
      assert.equal(statusCode, 200)
      assert.equal(JSON.parse(body).version, '3')
    } finally {
      rmSync(alone, { recursive: true })
    }
  })
})

describe('fivefold deploy --target systemd', () => {
  const out = join(folder, 'systemd')
  before(async () => assertDone(await deploy('--target', 'systemd', '--out', out)))

  it('has scripts that bash can read', () => {
    for (const script of ['install.sh', 'roll-back.sh']) {
      execFileSync('bash', ['-n', join(out, script)])
      assert.equal(statSync(join(out, script)).mode & 0o111, 0o111)
    }
  })

  const skip = has('systemd-analyze') ? false : 'since systemd-analyze is not installed'
  it('has a unit that systemd takes and rates as safe', { skip }, () => {
    // The program of the unit is on the machine that it is installed on; here its place is taken.
    const root = join(folder, 'root')
    const current = join(root, 'opt/example/current')
    mkdirSync(current, { recursive: true })
    writeFileSync(join(current, 'node'), '#!/bin/sh\n', { mode: 0o755 })
    const unit = join(folder, 'example.service')
    writeFileSync(unit, readFileSync(join(out, 'example.service'), 'utf8').replaceAll('/opt/example/current', current))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.ok(!stderr.includes('example.service'), stderr)
    const rating = ['security', '--offline=true', '--threshold=20', '--no-pager', unit]
    const rated = spawnSync('systemd-analyze', rating, { encoding: 'utf8' })
    assert.equal(rated.status, 0, rated.stdout.slice(-300))
  })
})

describe('fivefold deploy', () => {
  it('refuses what it would lose, and what no platform takes', async () => {
    writeFileSync(join(folder, 'taken'), 'mine')
    assertError(await deploy('--target', 'docker', '--out', 'taken'), { exitCode: 1, codes: ['OUTPUT_EXISTS'] })
    assert.equal(readFileSync(join(folder, 'taken'), 'utf8'), 'mine')
    assertError(await deploy('--target', 'docker', '--cpu', 'all'), { exitCode: 2, codes: ['OPTION_INVALID'] })
    assertError(await deploy('--target', 'nowhere'), { exitCode: 2, codes: ['CLI_USAGE'] })
    assertError(await fivefold(['deploy', '--model', 'none', '--target', 'docker', '--json'], { cwd: folder }), {
      exitCode: 1,
      codes: ['MODEL_NOT_FOUND'],
    })
  })
})
