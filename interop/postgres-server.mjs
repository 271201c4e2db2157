/** The PostgreSQL server that suites use, where there is one. */
import { Socket } from 'node:net'
import pg from 'pg'

export const postgresUrl = process.env.FIVEFOLD_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** undefined where a server answers, else why the suite is skipped. */
export async function reasonWithoutPostgres() {
  const { hostname, port } = new URL(postgresUrl)
  const open = await new Promise((resolve) => {
    const socket = new Socket()
    const end = (answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket
      .setTimeout(2000, () => end(false))
      .on('error', () => end(false))
      .connect(Number(port || 5432), hostname, () => end(true))
  })
  if (!open) return `no PostgreSQL at ${hostname}:${port || 5432}; FIVEFOLD_POSTGRES_URL names another`
  const client = new pg.Client({ connectionString: postgresUrl, connectionTimeoutMillis: 5000 })
  return client.connect().then(
    () => client.end().then(() => undefined),
    (error) => `PostgreSQL refuses ${new URL(postgresUrl).username || 'the user'}: ${error.message}`,
  )
}
