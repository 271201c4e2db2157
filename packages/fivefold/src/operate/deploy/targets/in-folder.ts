import type { DeployFile } from '../deploy-file.ts'

export function inFolder(folder: string, files: readonly DeployFile[]): DeployFile[] {
  return files.map((file) => ({ ...file, path: `${folder}/${file.path}` }))
}
