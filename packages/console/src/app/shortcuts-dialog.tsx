import { Dialog } from '../components/dialog.tsx'
import { Facts } from '../components/facts.tsx'

const KEYS = [
  { label: '/', value: 'Filter or search' },
  { label: 'g, then e', value: 'Experiments' },
  { label: 'g, then m', value: 'Models' },
  { label: 'g, then d', value: 'Deployments' },
  { label: '↑ ↓', value: 'Move in the run table' },
  { label: 'Enter', value: 'Open the run' },
  { label: 'Space', value: 'Select the run' },
  { label: '→ ←', value: 'Open and close its children or group' },
  { label: 'c', value: 'Compare the selected runs' },
  { label: 'Esc', value: 'Close, or select nothing' },
  { label: '?', value: 'These keys' },
]

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <Facts facts={KEYS} />
    </Dialog>
  )
}
