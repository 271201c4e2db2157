import type { Worker } from 'node:cluster'

/** A connection as the primary process holds it: closing it tells its caller. */
interface Handle {
  close(): void
}

interface ClusterMessage {
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
}

type Send = (message: ClusterMessage, handle?: Handle, ...rest: unknown[]) => boolean

/**
 * Closes connections that were on their way to a process when it died. Node's cluster hands a connection over and closes its own end
 * once the process says that it has it; where it dies before, nobody ever closes that end, and the caller waits until its own
 * timeout. Closed, it can ask again.
 *
 * The messages are those of `RoundRobinHandle.handoff` and `sendHelper` in Node's lib/internal/cluster.
 */
export function closeLostConnections({ process: child }: Worker): void {
  const onTheirWay = new Map<number, Handle>()
  let isGone = false
  const send = child.send.bind(child) as Send
  const watched: Send = (message, handle, ...rest) => {
    if (handle && message?.act === 'newconn' && message.seq !== undefined) {
      onTheirWay.set(message.seq, handle)
      // Nothing leaves any more, and nobody will say so.
      if (isGone || !child.connected) closeAll()
    }
    return send(message, handle, ...rest)
  }
  const closeAll = (): void => {
    for (const handle of onTheirWay.values()) handle.close()
    onTheirWay.clear()
  }
  child.send = watched as typeof child.send
  child.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) onTheirWay.delete(ack)
  })
  for (const end of ['exit', 'disconnect'])
    child.once(end, () => {
      isGone = true
      closeAll()
    })
}
