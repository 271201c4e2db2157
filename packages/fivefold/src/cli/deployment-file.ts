import { readFile } from 'node:fs/promises'
import { FivefoldError } from '../core/index.ts'
import type { DeploymentsOptions } from '../operate/index.ts'

/**
 * The deployment that a file describes, `{ "name", "variants", "policy", "fallback"? }`. Its versions and its log lie in a folder
 * beside the file: `churn.json`, `churn.state`.
 *
 * @throws CONFIG_UNREADABLE; what is wrong in it shows when it is opened
 */
export async function readDeploymentFile(path: string): Promise<Omit<DeploymentsOptions, 'context'>> {
  const content = await readJson(path)
  if (typeof content !== 'object' || content === null || !('name' in content) || typeof content.name !== 'string')
    throw new FivefoldError('CONFIG_INVALID', `${path} has no name`, {
      issues: [{ path: ['name'], message: 'missing' }],
      remedy: 'Give the deployment a "name"; docs/rollout.md describes each key.',
    })
  const { name, ...spec } = content
  return { dir: `${path.replace(/\.json$/, '')}.state`, specs: [{ name, spec }] }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new FivefoldError('CONFIG_UNREADABLE', `${path}: ${reason}`, {
      cause: thrown,
      remedy: 'Check the path, and that the file is JSON.',
    })
  }
}
