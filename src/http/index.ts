/** The HTTP door of a running project. */
export { buildServer, listen, type ServerOptions } from './server.ts'
