export type { ContractCase } from './contract.ts'
export { estimatorContract } from './estimator-contract.ts'
export { type TransformSubject, transformContract } from './transform.contract.ts'
