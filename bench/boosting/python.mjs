import { pythonEnvironment } from '../../interop/python-environment.mjs'

/** An interpreter with the peers, or undefined after a message that says why there is none. */
export const findPython = pythonWith(new URL('requirements.txt', import.meta.url), 'XGBoost and LightGBM')

/** What finds an interpreter with the packages of a list, making an environment for it where there is none. */
export function pythonWith(requirements, peers) {
  let found
  return () => {
    found ??= { path: process.env.FIVEFOLD_BENCH_PYTHON ?? environmentFor(requirements, peers) }
    return found.path
  }
}

function environmentFor(requirements, peers) {
  const { python, reason } = pythonEnvironment(requirements)
  if (reason !== undefined) console.error(`only ours is measured, without ${peers}: ${reason}`)
  return python
}
