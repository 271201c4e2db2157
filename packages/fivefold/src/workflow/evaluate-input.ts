import type { Profile } from '../analyze/index.ts'
import type { Problem } from '../problem/index.ts'
import type { Prepared } from './prepare-stage.ts'
import type { ProfileInput } from './profile-stage.ts'
import type { Trained } from './train-stage.ts'

/** Everything that the earlier phases found. */
export interface EvaluateInput extends ProfileInput, Prepared {
  readonly problem: Problem
  readonly profile: Profile
  readonly trained: Trained
}
