import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import type { StateSlot } from './parameter-memory.ts'

const learningRate = z.number().min(0)
const weightDecay = z.number().min(0)
const beta = z.number().min(0).lt(1)
const betas = z.tuple([beta, beta])

const sgdSchema = z
  .strictObject({
    learningRate: learningRate.default(1e-3),
    momentum: z.number().min(0).default(0),
    /** Looks ahead along the momentum before it takes the gradient's direction. */
    nesterov: z.boolean().default(false),
    /** Added to gradients as weightDecay * parameter. */
    weightDecay: weightDecay.default(0),
  })
  .refine(({ nesterov, momentum }) => !nesterov || momentum > 0, {
    path: ['nesterov'],
    message: 'needs a momentum above 0',
  })

const adamSchema = z.strictObject({
  learningRate: learningRate.default(1e-3),
  /** Decay a step of the running means of gradients and of their squares. */
  betas: betas.default([0.9, 0.999]),
  /** Added to the root of the mean square. */
  epsilon: z.number().min(0).default(1e-8),
  weightDecay: weightDecay.default(0),
})

const adamwSchema = adamSchema.extend({
  /** Parameters shrink by learningRate * weightDecay a step, whatever their gradients are. */
  weightDecay: weightDecay.default(1e-2),
})

const lionSchema = z.strictObject({
  learningRate: learningRate.default(1e-4),
  /** Share of the momentum in the update's direction, and its decay a step. */
  betas: betas.default([0.9, 0.99]),
  weightDecay: weightDecay.default(0),
})

export type SgdDefinition = { readonly kind: 'sgd' } & Readonly<z.output<typeof sgdSchema>>
export type AdamDefinition = { readonly kind: 'adam' } & Readonly<z.output<typeof adamSchema>>
export type AdamwDefinition = { readonly kind: 'adamw' } & Readonly<z.output<typeof adamwSchema>>
export type LionDefinition = { readonly kind: 'lion' } & Readonly<z.output<typeof lionSchema>>

/** An optimiser as plain data: it can be stored in a checkpoint and sent to a worker. */
export type OptimizerDefinition = SgdDefinition | AdamDefinition | AdamwDefinition | LionDefinition

/**
 * Stochastic gradient descent, with momentum (Sutskever et al. 2013) where it is above 0; as `torch.optim.SGD`.
 * @throws OPTION_INVALID
 */
export function sgd(options: z.input<typeof sgdSchema> = {}): SgdDefinition {
  return { kind: 'sgd', ...parse('sgd', sgdSchema, options) }
}

/**
 * Adam (Kingma and Ba 2015), weight decay added to gradients; as `torch.optim.Adam`.
 * @throws OPTION_INVALID
 */
export function adam(options: z.input<typeof adamSchema> = {}): AdamDefinition {
  return { kind: 'adam', ...parse('adam', adamSchema, options) }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019); as `torch.optim.AdamW`.
 * @throws OPTION_INVALID
 */
export function adamw(options: z.input<typeof adamwSchema> = {}): AdamwDefinition {
  return { kind: 'adamw', ...parse('adamw', adamwSchema, options) }
}

/**
 * Lion (Chen et al. 2023): the sign of a momentum, with decoupled weight decay. Learning rates are 3 to 10 times smaller
 * than with AdamW, weight decay as much larger.
 * @throws OPTION_INVALID
 */
export function lion(options: z.input<typeof lionSchema> = {}): LionDefinition {
  return { kind: 'lion', ...parse('lion', lionSchema, options) }
}

/** What the optimiser keeps for each parameter: slots that its memory needs. */
export function stateSlotsOf(definition: OptimizerDefinition): readonly StateSlot[] {
  switch (definition.kind) {
    case 'sgd':
      return definition.momentum > 0 ? ['momentum'] : []
    case 'lion':
      return ['momentum']
    case 'adam':
    case 'adamw':
      return ['firstMoment', 'secondMoment']
  }
}

function parse<Schema extends z.ZodType>(name: string, schema: Schema, options: z.input<Schema>): z.output<Schema> {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.map(toKey), message }))
  const list = issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ')
  throw new FivefoldError('OPTION_INVALID', `optimiser ${name}: ${list}`, { issues })
}

const toKey = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key))
