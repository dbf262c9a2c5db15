/** Fewer points that look the same. Pure. */

/**
 * Which points of a long line are needed to draw it: of each bucket the first, the lowest, the highest
 * and the last (Jugel et al., "M4", VLDB 2014). `bucket` gives the pixel column of a step; steps ascend.
 * A value that is no number is kept, so that the gap it makes stays.
 */
export function decimate(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  length: number,
  bucket: (step: number) => number,
): number[] {
  const kept: number[] = [];
  let start = 0;
  while (start < length) {
    const column = bucket(steps[start] as number);
    let [low, high, end] = [start, start, start];
    while (end + 1 < length && bucket(steps[end + 1] as number) === column && !Number.isNaN(values[end])) {
      end++;
      if ((values[end] as number) < (values[low] as number)) low = end;
      if ((values[end] as number) > (values[high] as number)) high = end;
    }
    kept.push(...new Set([start, Math.min(low, high), Math.max(low, high), end]));
    start = end + 1;
  }
  return kept;
}
