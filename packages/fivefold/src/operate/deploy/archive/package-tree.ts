import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FivefoldError } from '../../../core/index.ts'

/** A package that is installed on this machine, and where it goes below `node_modules`. */
export interface PlacedPackage {
  readonly name: string
  /** Such as `node_modules/fastify/node_modules/semver`. */
  readonly place: string
  /** Real path of its folder here. */
  readonly folder: string
}

/**
 * The package at `folder` and everything that it depends on, laid out as Node resolves it: each at the top, except where
 * another version of it is there already. Finds packages as Node does, so that every package manager's layout is read.
 */
export async function packageTree(folder: string, isLeftOut: (name: string) => boolean): Promise<PlacedPackage[]> {
  const root = await manifestOf(folder)
  const first = { name: root.name, place: `node_modules/${root.name}`, folder: await realpath(folder) }
  const placed = new Map<string, PlacedPackage>([[first.place, first]])
  const waiting = [first]
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for (const name of await dependenciesOf(next.folder, isLeftOut)) {
      const found = { name, folder: await resolvePackage(name, next) }
      const place = placeFor(found, next.place, placed)
      if (place === undefined) continue
      const entry = { ...found, place }
      placed.set(place, entry)
      waiting.push(entry)
    }
  }
  return [...placed.values()]
}

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))

async function dependenciesOf(folder: string, isLeftOut: (name: string) => boolean): Promise<string[]> {
  const { dependencies = {} } = await manifestOf(folder)
  return Object.keys(dependencies).filter((name) => !isLeftOut(name))
}

/** Where Node would look from the folder of the package that needs it. */
async function resolvePackage(name: string, { name: dependent, folder }: PlacedPackage): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpath(candidate)
    if (dirname(at) === at)
      throw new FivefoldError('STORE_UNAVAILABLE', `the package ${name}, which ${dependent} needs, is not installed`, {
        remedy: 'Install Fivefold again with its dependencies.',
      })
  }
}

/** Undefined where Node finds the same package from `dependent` already. */
function placeFor(
  { name, folder }: Pick<PlacedPackage, 'name' | 'folder'>,
  dependent: string,
  placed: ReadonlyMap<string, PlacedPackage>,
): string | undefined {
  for (let at = dependent; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const there = placed.get(`${at}/node_modules/${name}`)
    if (there) return there.folder === folder ? undefined : `${dependent}/node_modules/${name}`
  }
  const top = placed.get(`node_modules/${name}`)
  if (!top) return `node_modules/${name}`
  return top.folder === folder ? undefined : `${dependent}/node_modules/${name}`
}
