import type { FastifyInstance } from 'fastify'
import { version as release } from '../../../core/index.ts'
import { type ConsoleHome, consolePlugin } from '../../../web-console/index.ts'
import type { Deployments } from '../deployments/deployments.ts'
import { ERROR_SCHEMA } from '../protocols/predict/model-schema.ts'
import { answerOf, objectOf, refusalsOf, TEXT } from '../wire/describe-route.ts'
import type { ServingContext } from './serving-context.ts'

/** The console of this server alone; its page is one step below the routes that it asks. */
const HOME: ConsoleHome = { hasTracking: false, servers: [{ id: 'here', base: '../' }] }

/** What a console asks a server first. */
export interface ServerDescription {
  readonly release: string
  /** Names. */
  readonly deployments: readonly string[]
  /** Whether models may be loaded and deployments changed; if not, why. */
  readonly changes: { readonly areAllowed: boolean; readonly reason: string }
}

const DESCRIPTION = {
  ...{ tags: ['system'], summary: 'What is here, and whether it may be changed' },
  response: {
    200: answerOf(
      'Release, names of the deployments, and whether models may be loaded and deployments changed.',
      objectOf({
        release: TEXT,
        deployments: { type: 'array', items: TEXT },
        changes: objectOf({ areAllowed: { type: 'boolean' }, reason: TEXT }),
      }),
    ),
    ...refusalsOf(ERROR_SCHEMA, [415, 500]),
  },
}

/** The console under `/console/`, and what it asks first. */
export async function addConsoleRoutes(
  app: FastifyInstance,
  { management }: ServingContext,
  deployments: Deployments | undefined,
): Promise<void> {
  const changes = management
    ? { areAllowed: true, reason: '' }
    : { areAllowed: false, reason: 'This server was started without --allow-management.' }
  app.get('/server', { schema: DESCRIPTION }, async (): Promise<ServerDescription> => {
    return { release, deployments: deployments?.names() ?? [], changes }
  })
  await app.register(consolePlugin, { prefix: '/console', home: HOME })
}
