import { type Bundle, type Context, serveBundle } from 'fivefold'

/** Starts the model on a free port, asks it about some flights over HTTP, and stops it. */
export async function askTheServer(bundle: Bundle, context: Context): Promise<void> {
  const server = await serveBundle({ bundle: bundle.path, context })
  try {
    console.log(`serving at ${server.url}`)
    for (const flight of flights) {
      const answer = await post(`${server.url}/predict`, { rows: [flight] })
      const [prediction] = answer.predictions
      const chance = (100 * (prediction?.probabilities.true ?? Number.NaN)).toFixed(0)
      console.log(
        `  ${flight.origin} to ${flight.destination}, ${flight.date.slice(0, 16).replace('T', ' ')}: ${chance}% late`,
      )
    }
    const refused = await fetch(`${server.url}/predict`, {
      method: 'POST',
      headers: json,
      body: '{"rows":[{"distance":"far"}]}',
    })
    console.log(
      `  a row that makes no sense is refused with ${refused.status}: ${(await refused.text()).slice(0, 120)}...`,
    )
  } finally {
    await server.close()
  }
}

const flights = [
  { date: '2001-06-20T07:00:00Z', distance: 1235, origin: 'SEA', destination: 'ORD' },
  { date: '2001-06-20T19:00:00Z', distance: 733, origin: 'ORD', destination: 'LGA' },
  { date: '2001-06-24T18:30:00Z', distance: 2475, origin: 'JFK', destination: 'LAX' },
]

const json = { 'content-type': 'application/json' }

interface Answer {
  readonly predictions: readonly { readonly label: string; readonly probabilities: Readonly<Record<string, number>> }[]
}

async function post(url: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Answer
}
