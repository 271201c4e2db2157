import { type ReactNode, useEffect, useState } from 'react'
import { Button } from '../components/button.tsx'
import { Icon, type IconName } from '../components/icon.tsx'
import { links } from './links.ts'
import { navigate } from './location.ts'
import styles from './shell.module.css'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { ThemeSwitch } from './theme-switch.tsx'
import { useClient } from './use-client.ts'
import { useHome } from './use-home.ts'
import { useShortcuts } from './use-shortcuts.ts'

/** What stands around every page: the way to the others, the colours, the keys. */
export function Shell({ path, children }: { readonly path: readonly string[]; readonly children: ReactNode }) {
  const { onlyRunId } = useClient()
  const [isHelpShown, setHelpShown] = useState(false)
  useShortcuts({
    '?': () => setHelpShown(true),
    'g e': () => navigate(links.experiments()),
    'g m': () => navigate(links.models()),
    'g d': () => navigate(links.deployments()),
    '/': focusSearch,
  })
  useFocusOnPage(path.join('/'))
  return (
    <div className={styles.shell}>
      <button type="button" className={styles.skip} onClick={focusContent}>
        Skip to the content
      </button>
      <div className={styles.side}>
        <a href={onlyRunId ? links.run(onlyRunId) : '#/'} className={styles.brand}>
          <BrandMark />
          Fivefold
        </a>
        <nav aria-label="Console" className={styles.places}>
          {onlyRunId ? (
            <Place href={links.run(onlyRunId)} icon="chart" label="Run" isCurrent />
          ) : (
            <Places area={areaOf(path[0])} />
          )}
        </nav>
        <div className={styles.foot}>
          <ThemeSwitch />
          <Button look="plain" className={styles.help} onClick={() => setHelpShown(true)}>
            Keys <kbd>?</kbd>
          </Button>
        </div>
      </div>
      {children}
      {isHelpShown && <ShortcutsDialog onClose={() => setHelpShown(false)} />}
    </div>
  )
}

type Area = 'experiments' | 'models' | 'deployments'

const areaOf = (place: string | undefined): Area => {
  if (place === 'models') return 'models'
  return place === 'deployments' || place === 'servers' ? 'deployments' : 'experiments'
}

/** The areas that the server has. */
function Places({ area }: { readonly area: Area }) {
  const home = useHome()
  if (!home) return null
  return (
    <>
      {home.hasTracking && (
        <>
          <Place href={links.experiments()} icon="experiments" label="Experiments" isCurrent={area === 'experiments'} />
          <Place href={links.models()} icon="models" label="Models" isCurrent={area === 'models'} />
        </>
      )}
      {home.servers.size > 0 && (
        <Place href={links.deployments()} icon="deployments" label="Deployments" isCurrent={area === 'deployments'} />
      )}
    </>
  )
}

function Place(props: { href: string; icon: IconName; label: string; isCurrent: boolean }) {
  return (
    <a href={props.href} aria-current={props.isCurrent ? 'true' : undefined}>
      <Icon name={props.icon} />
      <span>{props.label}</span>
    </a>
  )
}

/** Five folds, one held out. */
function BrandMark() {
  return (
    <svg aria-hidden="true" width="18" height="18" viewBox="0 0 20 20" className={styles.mark}>
      {[1, 4.85, 8.7, 12.55, 16.4].map((x) => (
        <rect key={x} x={x} y={x === 8.7 ? 2 : 5} width="2.6" height={x === 8.7 ? 16 : 10} rx="1.3" />
      ))}
    </svg>
  )
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('main [type=search], main [role=combobox]')?.focus()
}

function focusContent(): void {
  document.getElementById('content')?.focus({ preventScroll: true })
}

/** A new page takes the focus, so that keyboard and screen reader start there; the first one does not. */
function useFocusOnPage(page: string): void {
  const [firstPage] = useState(page)
  useEffect(() => {
    if (page !== firstPage && firstPage !== '') focusContent()
  }, [page, firstPage])
}
