export { defineProject, type ProjectConfig, projectConfigSchema, type ResolvedConfig, resolveConfig } from './config.ts'
export { evaluateBundle, targetSchema } from './evaluate-bundle.ts'
export { type RunOptions, type RunOutcome, runProject } from './run-project.ts'
export { type RunRecord, STAGES, type StageName, type StageRecord } from './run-record.ts'
