import { createContext, useContext } from 'react'
import type { ConsoleClient } from '../client/console-client.ts'

const ClientContext = createContext<ConsoleClient | undefined>(undefined)

export const ClientProvider = ClientContext.Provider

export function useClient(): ConsoleClient {
  const client = useContext(ClientContext)
  if (!client) throw new Error('useClient outside ClientProvider')
  return client
}
