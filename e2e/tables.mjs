/** Made tables, the same every time. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Uniform in [0, 1): mulberry32. */
export function generator(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Customers who leave or stay: numbers with gaps, categories, a date. Learnable, not perfectly. */
export function churnRows(rows, seed = 1) {
  const next = generator(seed)
  return Array.from({ length: rows }, (_, i) => {
    const age = 18 + Math.floor(next() * 60)
    const income = next() < 0.08 ? '' : Math.round(1500 + 4000 * next())
    const plan = ['basic', 'plus', 'pro'][Math.floor(next() * 3)]
    const day = new Date(Date.UTC(2024, 0, 1) + i * 3_600_000).toISOString().slice(0, 10)
    const score = (age - 45) / 15 + (plan === 'pro' ? 1.2 : 0) - (income || 3500) / 2500 + 1
    return { age, income, plan, day, churn: next() < 1 / (1 + Math.exp(-1.8 * score)) ? 'yes' : 'no' }
  })
}

export function toCsv(rows) {
  const names = Object.keys(rows[0])
  return `${names.join(',')}\n${rows.map((row) => names.map((name) => row[name]).join(',')).join('\n')}\n`
}

export function writeCsv(folder, name, rows) {
  const path = join(folder, name)
  writeFileSync(path, toCsv(rows))
  return path
}
