/** Which part of the numbers an axis shows, and how it is spaced: robust, and steady while numbers come. Pure. */

import { gather, type Range, type Spacing, spread } from './scale';

type Direction = 'min' | 'max';

/** How far beyond the quartiles, in distances between them, a value still counts as one of the crowd. */
const FENCE = 3;
/** Fewer values than this have no crowd: all are shown unless they are absurd. */
const CROWD = 12;

/** The finite ones, sorted. */
export function sorted(values: Iterable<number>): Float64Array {
  return Float64Array.from([...values].filter(Number.isFinite)).sort();
}

/** The spacings that make sense for these metrics (sorted), the one to begin with first. */
export function spacingsFor(values: Float64Array, direction: Direction): [Spacing, ...Spacing[]] {
  const [low, middle, high] = [0.02, 0.5, 0.98].map(q => quantile(values, q)) as [number, number, number];
  if (values.length === 0) return ['linear'];
  if (direction === 'max' && low >= 0 && high <= 1)
    return middle > 0.5 ? ['spread', 'linear'] : ['linear', 'spread'];
  if (low <= 0) return ['linear'];
  const decades = Math.log10(high / low);
  return (direction === 'min' && decades > 0.7) || decades > 2 ? ['log', 'linear'] : ['linear', 'log'];
}

/**
 * The range that shows the crowd: values further than three interquartile ranges (in the units of the
 * spacing) beyond the quartiles are left out, so that one diverged loss does not flatten the rest.
 * Of those left out, `keep` come in again where they are not absurd.
 */
export function crowd(values: Float64Array, spacing: Spacing, keep: readonly number[] = []): Range {
  const even = values.map(v => spread(spacing, v)).filter(Number.isFinite);
  const first = even[0];
  const last = even[even.length - 1];
  if (first === undefined || last === undefined)
    return spacing === 'log' ? { low: 0.1, high: 1 } : { low: 0, high: 1 };
  const [q1, q3] = [quantile(even, 0.25), quantile(even, 0.75)];
  const middle = quantile(even, 0.5);
  const reach = Math.max(q3 - q1, Math.abs(middle) * 1e-3, 1e-12) * (even.length < CROWD ? 1e3 : FENCE);
  const near = (times: number) => (u: number) => u >= q1 - times * reach && u <= q3 + times * reach;
  const kept = keep.map(v => spread(spacing, v)).filter(near(3));
  const inside = even.filter(near(1));
  const low = Math.min(inside[0] ?? first, ...kept);
  const high = Math.max(inside[inside.length - 1] ?? last, ...kept);
  return { low: gather(spacing, low), high: gather(spacing, high) };
}

/** The fresh range with some air, or the old one while it still fits, so that the picture stays calm. */
export function steady(old: Range | null, fresh: Range, spacing: Spacing): Range {
  const [low, high] = [spread(spacing, fresh.low), spread(spacing, fresh.high)];
  const span = high - low;
  if (old) {
    const [from, to] = [spread(spacing, old.low), spread(spacing, old.high)];
    const slack = (to - from) * 0.01;
    if (low >= from - slack && high <= to + slack && span >= 0.6 * (to - from)) return old;
  }
  const air = span * 0.05;
  return { low: gather(spacing, low - air), high: gather(spacing, high + air) };
}

/** Of sorted values, between the two nearest; NaN where there are none. */
export function quantile(values: Float64Array, q: number): number {
  const place = (values.length - 1) * q;
  const below = values[Math.floor(place)] ?? Number.NaN;
  const above = values[Math.ceil(place)] ?? below;
  const part = place - Math.floor(place);
  return below * (1 - part) + above * part;
}
