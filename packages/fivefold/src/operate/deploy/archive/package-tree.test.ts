import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageTree } from './package-tree.ts'

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'fivefold-packages-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

function install(place: string, name: string, version: string, dependencies: string[] = []): void {
  const at = join(folder, place)
  mkdirSync(at, { recursive: true })
  const manifest = { name, version, dependencies: Object.fromEntries(dependencies.map((key) => [key, '*'])) }
  writeFileSync(join(at, 'package.json'), JSON.stringify(manifest))
  const parts = dependencies.map((key) => `require('${key}')`).join(', ')
  writeFileSync(join(at, 'index.js'), `module.exports = ['${name}@${version}', ${parts}]`)
}

const none = (): boolean => false

/** Lays the tree out elsewhere and asks Node itself what it finds there. */
async function loaded(root: string): Promise<unknown> {
  const out = join(folder, 'laid-out')
  for (const { place, folder: from } of await packageTree(join(folder, root), none))
    for (const file of ['package.json', 'index.js']) cpSync(join(from, file), join(out, place, file))
  return createRequire(join(out, 'x.js'))('app')
}

const found = (root: string): unknown => createRequire(join(folder, root, 'x.js'))('./index.js')

describe('packageTree', () => {
  it('lays packages out so that Node finds the same ones, where versions differ', async () => {
    install('app', 'app', '1', ['a', 'b', 'c'])
    install('app/node_modules/a', 'a', '1', ['b', 'c'])
    install('app/node_modules/b', 'b', '1')
    install('app/node_modules/c', 'c', '1', ['b'])
    install('app/node_modules/a/node_modules/b', 'b', '2', ['c'])
    install('app/node_modules/a/node_modules/c', 'c', '2')
    expect(await loaded('app')).toEqual(found('app'))
  })

  it('reads a store of links, as pnpm makes it, and packages that need each other', async () => {
    install('store/app/node_modules/app', 'app', '1', ['a'])
    install('store/a/node_modules/a', 'a', '1', ['b'])
    install('store/b/node_modules/b', 'b', '1')
    symlinkSync(join(folder, 'store/a/node_modules/a'), join(folder, 'store/app/node_modules/a'))
    symlinkSync(join(folder, 'store/b/node_modules/b'), join(folder, 'store/a/node_modules/b'))
    expect(await loaded('store/app/node_modules/app')).toEqual(found('store/app/node_modules/app'))
  })

  it('leaves out what it is told to, and names what is missing', async () => {
    install('app', 'app', '1', ['a', 'gone'])
    install('app/node_modules/a', 'a', '1')
    const tree = await packageTree(join(folder, 'app'), (name) => name === 'gone')
    expect(tree.map(({ place }) => place)).toEqual(['node_modules/app', 'node_modules/a'])
    await expect(packageTree(join(folder, 'app'), none)).rejects.toThrow(/gone, which app needs/)
  })
})
