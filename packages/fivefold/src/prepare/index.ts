export * from './features/index.ts'
export * from './split/index.ts'
export * from './validation/index.ts'
