/** Smooth lines from axis to axis that never overshoot. Pure. */

/**
 * Tangents for evenly spaced heights by the harmonic mean (Fritsch and Butland, 1984), which keeps the
 * curve between its points; level where it turns and at both ends. In heights per gap.
 */
export function tangents(heights: ArrayLike<number>, count: number, into: Float64Array): void {
  for (let i = 0; i < count; i++) {
    const before = i > 0 ? (heights[i] as number) - (heights[i - 1] as number) : 0;
    const after = i < count - 1 ? (heights[i + 1] as number) - (heights[i] as number) : 0;
    into[i] = before * after > 0 ? (2 * before * after) / (before + after) : 0;
  }
}

/** The height at `t` (0..1) between two points with these tangents (cubic Hermite). */
export function between(y0: number, y1: number, slope0: number, slope1: number, t: number): number {
  const t2 = t * t;
  const t3 = t2 * t;
  const rise = y0 + (y1 - y0) * (3 * t2 - 2 * t3);
  return rise + slope0 * (t3 - 2 * t2 + t) + slope1 * (t3 - t2);
}
