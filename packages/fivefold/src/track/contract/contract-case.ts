import assert from 'node:assert/strict'
import { FivefoldError } from '../../core/index.ts'
import type { TrackingStore } from '../tracking-store.ts'

export interface ContractCase {
  readonly name: string
  /** `folder` is an empty folder for files of the case's own. Throws where the store breaks the contract. */
  run(store: TrackingStore, folder: string): Promise<void>
}

export const rejectsWith = (work: Promise<unknown>, code: string): Promise<void> =>
  assert.rejects(work, (error) => error instanceof FivefoldError && error.code === code)
