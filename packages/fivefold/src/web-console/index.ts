export { type ConsoleFile, readConsoleFiles } from './console-files.ts'
export { type ConsoleHome, type ConsoleServer, consolePlugin } from './console-plugin.ts'
