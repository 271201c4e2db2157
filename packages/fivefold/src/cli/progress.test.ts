import { describe, expect, it } from 'vitest'
import { createProgressDisplay } from './progress.ts'

function recorded(isTTY: boolean) {
  const written: string[] = []
  let nowMs = 0
  const display = createProgressDisplay({ isTTY, columns: 120, write: (text) => written.push(text) }, () => nowMs)
  return { written, display, advance: (ms: number) => (nowMs += ms) }
}

describe('createProgressDisplay', () => {
  it('draws a bar with an estimate on a terminal', () => {
    const { written, display, advance } = recorded(true)
    display.sink({ stage: 'train', done: 0, total: 10 })
    advance(20_000)
    display.sink({ stage: 'train', done: 5, total: 10, note: 'boosting' })
    expect(written.at(-1)).toContain('████████████░░░░░░░░░░░░ train 5/10 boosting, 20 s left')
  })

  it('writes plain lines elsewhere: one for each stage and one every few seconds, without control codes', () => {
    const { written, display, advance } = recorded(false)
    display.sink({ stage: 'open', done: 0 })
    for (let done = 0; done <= 100; done++) {
      display.sink({ stage: 'train', done, total: 100 })
      advance(100)
    }
    expect(written.slice(0, 2)).toEqual(['open\n', 'train 0/100\n'])
    expect(written.length).toBe(4)
    expect(written.join('')).not.toContain('\x1b')
  })

  it('leaves a clean line behind', () => {
    const { written, display } = recorded(true)
    display.sink({ stage: 'train', done: 1, total: 2 })
    display.finish()
    expect(written.at(-1)).toBe('\r\x1b[2K')
  })
})
