import { type Architecture, type DeployTargetName, writeDeployment } from '../../operate/index.ts'
import { openModel } from '../open-model.ts'
import { printJson, printLine } from '../output.ts'

interface DeployFlags {
  readonly model: string
  readonly target: DeployTargetName
  readonly out: string
  readonly name?: string
  readonly port: number
  readonly image?: string
  readonly replicas: number
  readonly cpu: string
  readonly memory: string
  readonly arch: Architecture
  readonly storageUri?: string
  readonly package?: string
  readonly force?: boolean
  readonly store: string
  readonly json?: boolean
}

/** Writes files and nothing else: no platform is called. */
export async function deployCommand(flags: DeployFlags): Promise<void> {
  const { model, store, arch, json, ...options } = flags
  const { bundle, version } = await openModel(model, store)
  const deployment = await writeDeployment({ ...options, bundle: bundle.path, version, architecture: arch })
  if (json) return printJson(deployment)
  const { out, files } = deployment
  printLine(`${deployment.model.name} version ${deployment.model.version} for ${flags.target}, in ${out}:`)
  for (const { path, sizeBytes } of files) printLine(`  ${path} (${sizeText(sizeBytes)})`)
  printLine('RUNBOOK.md says how to deploy, verify and roll back.')
}

const sizeText = (bytes: number): string =>
  bytes < 1e4 ? `${bytes} bytes` : bytes < 1e7 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
