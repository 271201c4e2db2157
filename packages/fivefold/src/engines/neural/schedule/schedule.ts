import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'

// Learning-rate schedules as plain data and pure functions of the step, whatever a step is to the caller: an update or
// an epoch. They give a factor of the optimiser's learning rate, so that they hold for every parameter group alike.

const steps = z.int().min(1)
const factor = z.number().min(0)
const share = z.number().min(0).max(1)

const simpleSchema = z.discriminatedUnion('kind', [
  /** The learning rate itself throughout. */
  z.strictObject({ kind: z.literal('constant') }),
  /** A straight line from one factor to another, which then stays; `LinearLR`. */
  z.strictObject({ kind: z.literal('linear'), steps, from: factor.default(1), to: factor.default(0) }),
  /**
   * Half a cosine from 1 down to `floor`, where it stays (Loshchilov and Hutter 2017); `CosineAnnealingLR` with T_max =
   * steps up to there, which then rises again.
   */
  z.strictObject({ kind: z.literal('cosine'), steps, floor: share.default(0) }),
  /**
   * From 1 / `divide` up to 1 over the share `rise` of the steps, then down to 1 / (divide * finalDivide) (Smith and
   * Topin 2018); `OneCycleLR` with total_steps = steps and max_lr the learning rate.
   */
  z.strictObject({
    kind: z.literal('oneCycle'),
    steps: z.int().min(2),
    rise: share.default(0.3),
    divide: z.number().positive().default(25),
    finalDivide: z.number().positive().default(1e4),
    shape: z.enum(['cosine', 'linear']).default('cosine'),
  }),
  /** Multiplied by `gamma` every `every` steps; `StepLR`. */
  z.strictObject({ kind: z.literal('step'), every: steps, gamma: factor.default(0.1) }),
  /** Multiplied by `gamma` at each of the steps `at`; `MultiStepLR`. */
  z.strictObject({ kind: z.literal('steps'), at: z.array(z.int().min(0)), gamma: factor.default(0.1) }),
  /** Multiplied by `gamma` each step; `ExponentialLR`. */
  z.strictObject({ kind: z.literal('exponential'), gamma: factor }),
])

const warmUpSchema = z.strictObject({
  kind: z.literal('warmUp'),
  steps,
  /** Factor at step 0. */
  from: share.default(0),
  followedBy: simpleSchema,
})

const scheduleSchema = z.union([simpleSchema, warmUpSchema])

type SimpleSchedule = z.output<typeof simpleSchema>
export type Schedule = z.output<typeof scheduleSchema>
export type ScheduleOptions = z.input<typeof scheduleSchema>

/**
 * Fills in defaults.
 * @throws OPTION_INVALID for an unknown kind or key, or a number out of range
 */
export function defineSchedule(options: ScheduleOptions): Schedule {
  // A plain union would list the mistakes of every branch.
  const schema = options.kind === 'warmUp' ? warmUpSchema : simpleSchema
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const list = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
  throw new FivefoldError('OPTION_INVALID', `learning-rate schedule: ${list.join('; ')}`)
}

/**
 * A straight line from `from` to 1 over `steps`, then another schedule from its own step 0 on; `SequentialLR` of
 * `LinearLR` and that one.
 * @throws OPTION_INVALID
 */
export function warmUp(steps: number, followedBy: Exclude<ScheduleOptions, { kind: 'warmUp' }>, from = 0): Schedule {
  return defineSchedule({ kind: 'warmUp', steps, from, followedBy })
}

/** The factor of the learning rate at a step, counted from 0. */
export function scheduleFactor(schedule: Schedule, step: number): number {
  if (schedule.kind !== 'warmUp') return simpleFactor(schedule, step)
  if (step >= schedule.steps) return simpleFactor(schedule.followedBy, step - schedule.steps)
  return between(schedule.from, 1, step / schedule.steps)
}

function simpleFactor(schedule: SimpleSchedule, step: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1
    case 'linear':
      return between(schedule.from, schedule.to, Math.min(1, step / schedule.steps))
    case 'cosine':
      return alongCosine(1, schedule.floor, Math.min(1, step / schedule.steps))
    case 'oneCycle':
      return oneCycleFactor(schedule, step)
    case 'step':
      return schedule.gamma ** Math.floor(step / schedule.every)
    case 'steps':
      return schedule.gamma ** schedule.at.filter((at) => at <= step).length
    case 'exponential':
      return schedule.gamma ** step
  }
}

function oneCycleFactor(schedule: Extract<Schedule, { kind: 'oneCycle' }>, step: number): number {
  const { steps, rise, divide, finalDivide, shape } = schedule
  const along = shape === 'cosine' ? alongCosine : between
  const last = steps - 1
  const peak = rise * steps - 1
  const at = Math.min(step, last)
  // Where the rise is shorter than a step, the way down begins at once.
  if (at <= peak && peak > 0) return along(1 / divide, 1, at / peak)
  return along(1, 1 / (divide * finalDivide), (at - peak) / (last - peak))
}

const between = (from: number, to: number, part: number): number => from + (to - from) * part

const alongCosine = (from: number, to: number, part: number): number =>
  to + ((from - to) / 2) * (1 + Math.cos(Math.PI * part))
