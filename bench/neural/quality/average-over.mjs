/** An average over the last twentieth of a run or the last 200 steps, whichever is shorter. */
export const averageOver = (steps) => ({ kind: 'ema', decay: 1 - 1 / Math.min(200, Math.max(2, steps / 20)) })
