export * from './features/index.ts'
export * from './split/index.ts'
