import type { Context } from '../../../core/index.ts'
import type { ModelStatus } from '../runtime/model-repository.ts'
import type { OtherProcess } from './process-calls.ts'

/** A process as far as changes reach it. */
export interface ChangedProcess {
  readonly calls: OtherProcess
  /** False once it has ended. */
  isConnected(): boolean
}

/** What changes in all processes at once, those included that are only starting. */
export interface JointChanges<P extends ChangedProcess> {
  /**
   * Calls a function in every process. Resolves once it is done in all of them; one that ends meanwhile does not fail it, since it
   * comes back with what the others hold.
   */
  everywhere(name: string, ...args: readonly unknown[]): Promise<void>
  /**
   * Has a process begin, and takes it among the living once it has caught up with what changed while it began.
   *
   * @param begin is told what the others hold; undefined where there are none
   */
  join<T>(process: P, begin: (held: readonly ModelStatus[] | undefined) => Promise<T>): Promise<T>
}

interface Joining {
  readonly missed: (readonly [name: string, args: readonly unknown[]])[]
  readonly settled: Promise<void>
}

export function createJointChanges<P extends ChangedProcess>(living: Set<P>, context: Context): JointChanges<P> {
  const joining = new Set<Joining>()
  let underway: Promise<unknown> = Promise.resolve()
  const callOne = async (process: P, name: string, args: readonly unknown[]): Promise<void> => {
    try {
      await process.calls.call(name, ...args)
    } catch (error) {
      if (process.isConnected()) throw error
    }
  }
  const catchUp = async (process: P, { missed }: Joining): Promise<void> => {
    for (let change = missed.shift(); change; change = missed.shift()) {
      const [name, args] = change
      await callOne(process, name, args).catch((error: unknown) => {
        context.log.warn('a process that was starting could not follow the others', {
          change: name,
          error: String(error),
        })
      })
    }
  }
  return {
    async everywhere(name, ...args) {
      for (const { missed } of joining) missed.push([name, args])
      const called = [...living].map((process) => callOne(process, name, args))
      const done = Promise.all([...called, ...[...joining].map(({ settled }) => settled)])
      underway = Promise.allSettled([underway, done])
      await done
    },
    async join(process, begin) {
      const { promise: settled, resolve: settle } = withResolvers()
      const one: Joining = { missed: [], settled }
      const before = underway
      joining.add(one)
      try {
        await before
        const begun = await begin(await heldBy(living))
        await catchUp(process, one)
        living.add(process)
        return begun
      } finally {
        joining.delete(one)
        settle()
      }
    },
  }
}

/** What the first of them that answers holds. */
async function heldBy(living: ReadonlySet<ChangedProcess>): Promise<readonly ModelStatus[] | undefined> {
  for (const { calls } of living) {
    const held = await calls.call('statuses').catch(() => undefined)
    if (held !== undefined) return held as readonly ModelStatus[]
  }
  return undefined
}

/** Promise.withResolvers is not in Node 20. */
function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
