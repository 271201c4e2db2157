import { type ErrorCode, FivefoldError, type Issue } from '../../../core/index.ts'

/** What one process offers the other. Arguments and results are plain data. */
export type ProcessFunctions = { readonly [name: string]: (...args: never[]) => unknown }

/** The other process: `process` in a child, a `Worker` of node:cluster in its parent. */
export interface ProcessChannel {
  send?(message: unknown, callback: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'disconnect', listener: () => void): unknown
}

type Message =
  | { readonly call: string; readonly id: number; readonly args: readonly unknown[] }
  | { readonly answered: number; readonly result?: unknown; readonly failure?: Failure }

interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly issues: readonly Issue[]
  readonly remedy: string
}

export interface OtherProcess {
  /** Rejects with what the function threw; with INTERNAL where the other process ended before it answered. */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>
}

/** Calls in both directions between a process and its child. */
export function connectProcess(channel: ProcessChannel, functions: ProcessFunctions): OtherProcess {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: FivefoldError): void }>()
  let [lastId, isGone] = [0, false]
  const giveUp = (): void => {
    isGone = true
    for (const { reject } of waiting.values()) reject(new FivefoldError('INTERNAL', 'the other process has ended'))
    waiting.clear()
  }
  // Sending fails where the other process has just ended; 'disconnect' then says so.
  const send = (message: Message): void => void channel.send?.(message, () => {})
  channel.once('disconnect', giveUp)
  channel.on('message', (message) => {
    if (!isMessage(message)) return
    if ('call' in message) void answer(message, functions).then(send)
    else {
      const call = waiting.get(message.answered)
      waiting.delete(message.answered)
      if (message.failure) call?.reject(failureToError(message.failure))
      else call?.resolve(message.result)
    }
  })
  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, { resolve, reject })
        if (isGone) giveUp()
        else send({ call: name, id, args })
      }),
  }
}

const isMessage = (message: unknown): message is Message =>
  typeof message === 'object' && message !== null && ('call' in message || 'answered' in message)

async function answer(
  { call, id, args }: Extract<Message, { call: string }>,
  functions: ProcessFunctions,
): Promise<Message> {
  try {
    return { answered: id, result: await functions[call]!(...(args as never[])) }
  } catch (thrown) {
    const { code, message, issues, remedy } = FivefoldError.from(thrown)
    return { answered: id, failure: { code, message, issues, remedy } }
  }
}

const failureToError = ({ code, message, issues, remedy }: Failure): FivefoldError =>
  new FivefoldError(code, message, { issues, remedy })
