export type { ContractCase } from './contract.ts'
export { estimatorContract } from './estimator-contract.ts'
