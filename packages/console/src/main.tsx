import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { applyTheme } from './app/theme.ts'
import { createLiveClient } from './client/live-client.ts'
import { createStaticClient, type StaticRun } from './client/static-client.ts'
import './styles/tokens.css'
import './styles/base.css'

/** An exported page carries its run in a block of JSON; any other page asks the server that it came from. */
const embedded = document.getElementById('fivefold-run')?.textContent
const client = embedded
  ? createStaticClient(JSON.parse(embedded) as StaticRun)
  : createLiveClient(new URL('.', window.location.href).pathname)

applyTheme()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App client={client} />
  </StrictMode>,
)
