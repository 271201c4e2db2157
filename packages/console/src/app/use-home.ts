import { createContext, useContext } from 'react'
import type { ConsoleHome } from '../client/console-client.ts'

/** Undefined until the server has said what it is. */
const HomeContext = createContext<ConsoleHome | undefined>(undefined)

export const HomeProvider = HomeContext.Provider

export const useHome = (): ConsoleHome | undefined => useContext(HomeContext)
