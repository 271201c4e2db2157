import type { ReactNode } from 'react'
import { ClientError, type ClientErrorKind } from '../client/client-error.ts'
import { Button } from './button.tsx'
import styles from './notice.module.css'

/** Stands where nothing is: what is missing, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children && <div className={styles.words}>{children}</div>}
    </div>
  )
}

const TITLES: Readonly<Record<ClientErrorKind, string>> = {
  missing: 'Not found',
  denied: 'No access',
  unreachable: 'No connection',
  refused: 'The request was refused',
  failed: 'The server failed',
}

/** Stands where something could not be loaded. */
export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const title = error instanceof ClientError ? TITLES[error.kind] : 'Something went wrong'
  return (
    <div className={styles.empty} role="alert">
      <h2>{title}</h2>
      <p className={styles.words}>{error.message}</p>
      {onRetry && (
        <Button icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Says in one line that something failed while the rest of the page stands. */
export function Problem({ children }: { readonly children: ReactNode }) {
  return (
    <p className={styles.problem} role="alert">
      {children}
    </p>
  )
}

/** Grey lines until the answer comes; they appear late, so that quick answers do not flicker. */
export function Loading({ lines = 4, label = 'Loading' }: { readonly lines?: number; readonly label?: string }) {
  return (
    <div className={styles.loading} role="status">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are all alike
        <div key={i} className={styles.line} />
      ))}
    </div>
  )
}
