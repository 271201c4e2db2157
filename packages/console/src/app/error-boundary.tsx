import { Component, type ReactNode } from 'react'
import { Failure } from '../components/notice.tsx'

/** A fault while drawing a page leaves the rest of the console standing. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {}

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    return error ? <Failure error={error} onRetry={() => this.setState({})} /> : this.props.children
  }
}
