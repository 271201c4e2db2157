/** One demand of a contract, as a named check; it throws where the demand is not met. Runs under any test runner. */
export interface ContractCase<T> {
  readonly name: string
  check(subject: T): Promise<void>
}

/** Fails a check with what was expected and what came. */
export function demand(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message)
}
