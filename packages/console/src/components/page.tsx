import { type ReactNode, useEffect } from 'react'
import { Icon } from './icon.tsx'
import styles from './page.module.css'

export interface Crumb {
  readonly label: string
  readonly href: string
}

export interface PageProps {
  readonly title: string
  /** Pages above this one. */
  readonly crumbs?: readonly Crumb[]
  /** Beside the title: a status, an age. */
  readonly facts?: ReactNode
  readonly actions?: ReactNode
  /** Below the title, above the line. */
  readonly tabs?: ReactNode
  /** The content scrolls by itself and reaches the edges, as a table does. */
  readonly isFull?: boolean
  readonly children: ReactNode
}

/** Head and body of every page; also names the browser's tab. */
export function Page({ title, crumbs = [], facts, actions, tabs, isFull = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Fivefold`
  }, [title])
  return (
    <main className={styles.page} id="content" tabIndex={-1}>
      <header className={tabs ? styles.headWithTabs : styles.head}>
        {crumbs.length > 0 && <Crumbs crumbs={crumbs} />}
        <div className={styles.titleLine}>
          <h1 className={styles.title}>{title}</h1>
          {facts && <div className={styles.facts}>{facts}</div>}
          {actions && <div className={styles.actions}>{actions}</div>}
        </div>
        {tabs}
      </header>
      <div className={isFull ? styles.full : styles.body}>{children}</div>
    </main>
  )
}

function Crumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className={styles.crumbs}>
        {crumbs.map(({ label, href }) => (
          <li key={href}>
            <a href={href}>{label}</a>
            <Icon name="right" size={11} />
          </li>
        ))}
      </ol>
    </nav>
  )
}

export interface Tab {
  readonly label: string
  readonly href: string
  readonly isCurrent: boolean
  readonly count?: number | undefined
}

/** Parts of a page that have addresses of their own. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  return (
    <nav aria-label={label} className={styles.tabs}>
      {tabs.map((tab) => (
        <a key={tab.href} href={tab.href} aria-current={tab.isCurrent ? 'page' : undefined}>
          {tab.label}
          {tab.count !== undefined && <span className={styles.count}>{tab.count.toLocaleString('en-US')}</span>}
        </a>
      ))}
    </nav>
  )
}
