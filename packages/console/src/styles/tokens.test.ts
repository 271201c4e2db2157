import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const pairs = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\);/g)].map(([, name, light, dark]) => [
    name!,
    { light: light!, dark: dark! },
  ]),
)

/** Relative luminance and contrast after WCAG 2.2. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light! + 0.05) / (dark! + 0.05)
}

function expectContrast(front: string, back: string, least: number): void {
  for (const scheme of ['light', 'dark'] as const) {
    const found = contrast(pairs.get(front)![scheme], pairs.get(back)![scheme])
    expect(found, `${front} on ${back}, ${scheme}`).toBeGreaterThanOrEqual(least)
  }
}

test('text can be read on every surface that it stands on', () => {
  for (const front of ['text', 'muted', 'accent'])
    for (const back of ['page', 'side', 'raised', 'hover', 'selected']) expectContrast(front, back, 4.5)
  for (const tone of ['good', 'warn', 'bad']) {
    expectContrast(tone, 'page', 4.5)
    expectContrast(tone, `${tone}-tint`, 4.5)
  }
  expectContrast('on-accent', 'accent', 4.5)
})

test('edges of controls, focus and curves are seen', () => {
  for (const front of ['edge', 'focus', ...Array.from({ length: 8 }, (_, i) => `series-${i}`)])
    expectContrast(front, 'page', 3)
})
