import { didYouMean, FivefoldError, type Issue } from '../../../core/index.ts'
import type { AveragingDefinition, ParameterGroup } from '../optimizer/index.ts'
import type { CheckpointOptions, EarlyStopping, TrainingOptions } from './training-options.ts'

/** The keys of an interface; its type demands every one of them, those of a union's members too. */
type KeysOf<Options> = Readonly<Record<Options extends unknown ? keyof Options : never, true>>

const OPTIONS: KeysOf<TrainingOptions> = {
  ...{ data: true, validation: true, targets: true, loss: true, metrics: true, epochs: true, earlyStopping: true },
  ...{ initial: true, workers: true, provider: true, checkpoint: true, resume: true },
  ...{ optimizer: true, schedule: true, plateau: true, groups: true, clipNorm: true, clipValue: true },
  ...{ accumulate: true, averaging: true },
}
const EARLY_STOPPING: KeysOf<EarlyStopping> = { metric: true, maximize: true, patience: true }
const CHECKPOINT: KeysOf<CheckpointOptions> = { save: true, everySteps: true }
const AVERAGING: KeysOf<AveragingDefinition> = { kind: true, decay: true }
const GROUP: KeysOf<ParameterGroup> = { match: true, learningRateFactor: true, weightDecay: true, frozen: true }

/** Throws OPTION_INVALID naming each key that no option has. */
export function checkKnownOptions(options: TrainingOptions): void {
  const issues = [
    ...unknownKeys([], options, OPTIONS),
    ...unknownKeys(['earlyStopping'], options.earlyStopping, EARLY_STOPPING),
    ...unknownKeys(['checkpoint'], options.checkpoint, CHECKPOINT),
    ...unknownKeys(['averaging'], options.averaging, AVERAGING),
    ...(options.groups ?? []).flatMap((group, i) => unknownKeys(['groups', i], group, GROUP)),
  ]
  if (issues.length === 0) return
  const message = issues.map((issue) => `'${issue.path.join('.')}' is ${issue.message}`).join('; ')
  throw new FivefoldError('OPTION_INVALID', message, { issues, remedy: 'Correct or remove what is named.' })
}

function unknownKeys(path: readonly (string | number)[], value: object | undefined, known: object): Issue[] {
  const names = Object.keys(known)
  return Object.keys(value ?? {})
    .filter((key) => !names.includes(key))
    .map((key) => ({ path: [...path, key], message: `not an option of training${didYouMean(key, names)}` }))
}
