import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBundle } from '../../bundle/index.ts'
import { BUNDLE } from './deploy-plan.test.fixture.ts'
import { DEPLOY_TARGET_NAMES } from './targets/deploy-targets.ts'
import { writeDeployment } from './write-deployment.ts'

let folder = ''
let out = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-deploy-'))
  out = join(folder, 'out')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const files = async (path: string): Promise<string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()

const write = (changes: Partial<Parameters<typeof writeDeployment>[0]> = {}): ReturnType<typeof writeDeployment> =>
  writeDeployment({ bundle: BUNDLE, target: 'docker', out, ...changes })

describe('writeDeployment', () => {
  it.each(DEPLOY_TARGET_NAMES)(
    'writes %s whole, with runbook and request',
    async (target) => {
      const deployment = await write({ target })
      const written = await files(out)
      expect(written).toEqual([...deployment.files.map(({ path }) => path), '.fivefold-deploy.json'].sort())
      expect(written).toContain('RUNBOOK.md')
      expect(JSON.parse(await readFile(join(out, 'example-request.json'), 'utf8')).rows[0]).toHaveProperty(
        "town's name",
      )
      for (const { path, sizeBytes } of deployment.files) expect((await stat(join(out, path))).size).toBe(sizeBytes)
      expect(await readdir(folder)).toEqual(['out'])
      // Packing a function of 60 MB takes its time where other suites run.
    },
    120_000,
  )

  it('copies a bundle that opens', async () => {
    await write()
    expect((await openBundle(join(out, 'model'))).manifest.name).toBe('example')
  })

  it('gives the same bytes again', async () => {
    const other = join(folder, 'other')
    await write({ target: 'systemd' })
    await write({ target: 'systemd', out: other })
    for (const path of await files(out))
      expect(await readFile(join(other, path)), path).toEqual(await readFile(join(out, path)))
  })

  it('replaces what it wrote itself, also for another target', async () => {
    await write({ target: 'kubernetes' })
    await write({ target: 'systemd' })
    expect(await files(out)).not.toContain('manifests/service.yaml')
  })

  it('refuses to lose what somebody wrote or changed', async () => {
    await mkdir(out)
    await writeFile(join(out, 'mine.txt'), 'mine')
    await expect(write()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
    await rm(out, { recursive: true })
    await write()
    await writeFile(join(out, 'Dockerfile'), 'FROM scratch')
    await expect(write()).rejects.toThrow(/Dockerfile .* was changed by hand/)
    expect(await readFile(join(out, 'Dockerfile'), 'utf8')).toBe('FROM scratch')
    await write({ force: true })
    await writeFile(join(out, 'notes.md'), 'mine')
    await expect(write()).rejects.toThrow(/notes\.md, which this command did not write/)
  })

  it('does not take a marker that somebody made up', async () => {
    await mkdir(out)
    await writeFile(join(out, '.fivefold-deploy.json'), '{"formatVersion":1}')
    await expect(write()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
    await rm(out, { recursive: true })
    await writeFile(out, 'a file')
    await expect(write()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  })

  it('keeps the frozen packages for as long as package.json is the same', async () => {
    await write()
    await writeFile(join(out, 'app/package-lock.json'), '{"lockfileVersion":3}')
    await write({ version: '2' })
    expect(await readFile(join(out, 'app/package-lock.json'), 'utf8')).toBe('{"lockfileVersion":3}')
    await write({ name: 'other' })
    expect(await files(out)).not.toContain('app/package-lock.json')
  })

  it('leaves what was there where it fails', async () => {
    await write()
    const before = await readFile(join(out, '.fivefold-deploy.json'), 'utf8')
    await expect(write({ target: 'lambda', memory: '64Gi' })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    expect(await readFile(join(out, '.fivefold-deploy.json'), 'utf8')).toBe(before)
    expect(await readdir(folder)).toEqual(['out'])
  })

  it('installs a packed tarball in place of the release', async () => {
    const tarball = join(folder, 'any.tgz')
    await writeFile(tarball, 'packed')
    await write({ package: tarball })
    const manifest = JSON.parse(await readFile(join(out, 'app/package.json'), 'utf8'))
    const [, file] = manifest.dependencies.fivefold.split(':')
    expect(await readFile(join(out, 'app', file), 'utf8')).toBe('packed')
  })
})
