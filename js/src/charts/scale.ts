/** Where values lie along an axis: 0 at its low end, 1 at its high end. Pure. */

export type Spacing = 'linear' | 'log' | 'spread';
export interface Range {
  low: number;
  high: number;
}
export interface Scale extends Range {
  readonly spacing: Spacing;
  /** Outside 0..1 for what lies beyond the ends; infinite or NaN where the spacing has no place for it. */
  at(value: number): number;
  value(at: number): number;
}

/** `spread` gives each halving of the distance to 1 the same room: 0.9, 0.99 and 0.999 are equally far apart. */
const SPREAD: { [spacing in Spacing]: (value: number) => number } = {
  linear: v => v / 2, // halved, so that the span of two finite numbers is finite
  log: v => (v <= 0 ? Number.NEGATIVE_INFINITY : Math.log10(v)),
  spread: v => (v >= 1 ? Number.POSITIVE_INFINITY : -Math.log10(1 - v)),
};
const GATHER: { [spacing in Spacing]: (spread: number) => number } = {
  linear: s => s * 2,
  log: s => 10 ** s,
  spread: s => 1 - 10 ** -s,
};
const NARROWEST: { [spacing in Spacing]: number } = { linear: 0, log: 1e-6, spread: 1e-9 };

/** The value in the units in which the spacing is even. */
export function spread(spacing: Spacing, value: number): number {
  return SPREAD[spacing](value);
}

export function gather(spacing: Spacing, spreadValue: number): number {
  return GATHER[spacing](spreadValue);
}

/** A scale from low to high; a range of one value is widened around it. */
export function scaleOf(spacing: Spacing, range: Range): Scale {
  const { low, high } = widened(spacing, range);
  const [forth, back] = [SPREAD[spacing], GATHER[spacing]];
  const start = forth(low);
  const span = forth(high) - start;
  return {
    spacing,
    low,
    high,
    at: value => (forth(value) - start) / span,
    value: at => back(start + at * span),
  };
}

function widened(spacing: Spacing, { low, high }: Range): Range {
  const [start, end] = [SPREAD[spacing](low), SPREAD[spacing](high)];
  const smallest = Math.max(NARROWEST[spacing], Math.abs(start) * 1e-12);
  if (end - start > smallest) return { low, high };
  const middle = Number.isFinite(start) ? start : Number.isFinite(end) ? end : 0;
  const room = spacing === 'linear' ? Math.abs(middle) / 10 || 0.5 : 0.15;
  return { low: GATHER[spacing](middle - room), high: GATHER[spacing](middle + room) };
}
