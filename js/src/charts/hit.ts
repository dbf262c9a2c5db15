/** What is nearest to the pointer. Pure; a look at each of ten thousand curves takes a millisecond. */

/** The last index with steps[index] <= step, -1 where there is none; steps ascend. */
export function indexAt(steps: ArrayLike<number>, length: number, step: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as number) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The value at a step between those known, by a straight line; NaN outside of them. */
export function valueAt(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  length: number,
  step: number,
): number {
  const index = indexAt(steps, length, step);
  if (index < 0) return Number.NaN;
  const [from, value] = [steps[index] as number, values[index] as number];
  if (from === step || index === length - 1) return from === step ? value : Number.NaN;
  const part = (step - from) / ((steps[index + 1] as number) - from);
  return value + ((values[index + 1] as number) - value) * part;
}

/**
 * Which of `count` targets is nearest and within `reach`, -1 where none is. A distance of NaN is out of
 * reach; `favour` counts in pixels: what stands above others is meant sooner.
 */
export function nearest(
  count: number,
  distance: (index: number) => number,
  favour: (index: number) => number,
  reach: number,
): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const away = distance(i);
    if (!(away <= reach)) continue;
    const weighed = away - favour(i);
    if (weighed < least) {
      best = i;
      least = weighed;
    }
  }
  return best;
}

/** From a point to a segment. */
export function toSegment(x: number, y: number, x0: number, y0: number, x1: number, y1: number): number {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const size = dx * dx + dy * dy;
  const t = size > 0 ? Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / size)) : 0;
  const aside = x0 + t * dx - x;
  const up = y0 + t * dy - y;
  return Math.sqrt(aside * aside + up * up);
}
