import type { DeployFile } from './deploy-file.ts'
import type { DeployPlan } from './deploy-plan.ts'

/** From the plan to the files; reads nothing and writes nothing. */
export type DeployTarget = (plan: DeployPlan) => readonly DeployFile[]
