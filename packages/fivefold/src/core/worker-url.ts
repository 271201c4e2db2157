/**
 * The address of a worker's compiled file beside the calling module.
 * Node 20 cannot run TypeScript, so a module that is itself run from `src/` (by the test runner) uses its built
 * neighbour in `dist/`; the build comes before the tests.
 *
 * @param moduleUrl `import.meta.url` of the caller
 * @param name file name of the worker without extension, in the caller's folder
 */
export function workerUrl(moduleUrl: string, name: string): URL {
  const compiled = new URL(`./${name}.js`, moduleUrl)
  if (moduleUrl.endsWith('.ts')) compiled.pathname = compiled.pathname.replace('/fivefold/src/', '/fivefold/dist/')
  return compiled
}
