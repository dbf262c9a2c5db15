import { describe, expect, it } from 'vitest';
import { crowd, quantile, sorted, spacingsFor, steady } from '../../src/charts/domain';
import { type Spacing, scaleOf } from '../../src/charts/scale';
import { short, ticksOf } from '../../src/charts/ticks';

const ENDS: [Spacing, number, number][] = [
  ['linear', 0, 1],
  ['linear', -5, 3],
  ['linear', -1.7e308, 1.7e308],
  ['linear', 1e-300, 2e-300],
  ['log', 1e-4, 1e-1],
  ['log', 1e-300, 1e300],
  ['spread', 0.5, 0.98],
  ['spread', -1, 0.999999],
];

describe('a scale', () => {
  it.each(ENDS)('%s from %d to %d puts its ends at 0 and 1, and finds values back', (spacing, low, high) => {
    const scale = scaleOf(spacing, { low, high });
    expect(scale.at(low)).toBeCloseTo(0, 9);
    expect(scale.at(high)).toBeCloseTo(1, 9);
    const middle = scale.value(0.5);
    expect(middle).toBeGreaterThan(low);
    expect(middle).toBeLessThan(high);
    expect(scale.at(middle)).toBeCloseTo(0.5, 6);
  });

  it('gives each halving of the distance to 1 the same room', () => {
    const scale = scaleOf('spread', { low: 0, high: 0.999 });
    const step = scale.at(0.9) - scale.at(0);
    expect(scale.at(0.99) - scale.at(0.9)).toBeCloseTo(step, 9);
    expect(scale.at(0.999) - scale.at(0.99)).toBeCloseTo(step, 9);
  });

  it.each(['linear', 'log', 'spread'] as const)('%s widens a range of one value around it', spacing => {
    for (const value of spacing === 'linear'
      ? [0, -3, 1e300, 0.5]
      : spacing === 'log'
        ? [1, 1e-300, 7]
        : [0, 0.5, 0.99]) {
      const scale = scaleOf(spacing, { low: value, high: value });
      expect(scale.at(value)).toBeCloseTo(0.5, 6);
      expect(scale.high).toBeGreaterThan(scale.low);
    }
  });

  it('has a place for what cannot be shown: beyond an end, or none', () => {
    const log = scaleOf('log', { low: 1, high: 10 });
    expect(log.at(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(log.at(-1)).toBe(Number.NEGATIVE_INFINITY);
    expect(log.at(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(log.at(Number.NaN)).toBeNaN();
    expect(scaleOf('spread', { low: 0, high: 0.9 }).at(1)).toBe(Number.POSITIVE_INFINITY);
    expect(scaleOf('spread', { low: 0, high: 0.9 }).at(Number.NaN)).toBeNaN();
  });
});

describe('ticks', () => {
  const labels = (spacing: Spacing, low: number, high: number, count = 6) =>
    ticksOf(scaleOf(spacing, { low, high }), count).map(tick => tick.label);

  it('are round, few and short', () => {
    expect(labels('linear', 0, 0.6, 3)).toEqual(['0', '0.2', '0.4', '0.6']);
    expect(labels('linear', -1, 1, 4)).toEqual(['-1.0', '-0.5', '0', '0.5', '1.0']);
    expect(labels('linear', 0, 30, 6)).toEqual(['0', '5', '10', '15', '20', '25', '30']);
    expect(labels('log', 1e-4, 1e-1, 4)).toEqual(['1e-4', '1e-3', '1e-2', '1e-1']);
    expect(labels('spread', 0.45, 0.985, 9)).toEqual([
      '0.50',
      '0.70',
      '0.80',
      '0.90',
      '0.95',
      '0.97',
      '0.98',
    ]);
  });

  it.each(ENDS)('%s from %d to %d: in order, inside, apart, never none', (spacing, low, high) => {
    for (const count of [2, 5, 9]) {
      const ticks = ticksOf(scaleOf(spacing, { low, high }), count);
      expect(ticks.length).toBeGreaterThanOrEqual(1);
      expect(ticks.length).toBeLessThanOrEqual(count + 2);
      expect(ticks.every(({ at, label }) => at >= -1e-6 && at <= 1 + 1e-6 && label.length <= 12)).toBe(true);
      expect(new Set(ticks.map(tick => tick.label)).size).toBe(ticks.length);
      for (let i = 1; i < ticks.length; i++) expect(ticks[i]?.at).toBeGreaterThan(ticks[i - 1]?.at as number);
    }
  });

  it('tell neighbours apart on a narrow range', () => {
    const ticks = labels('spread', 0.93, 0.931, 5);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(new Set(ticks).size).toBe(ticks.length);
  });
});

describe('a short number', () => {
  it('keeps what tells it apart', () => {
    expect([0.00071, 1e30, 0.05, 12000, 0, 1e-300, -2.5].map(v => short(v))).toEqual([
      '7.1e-4',
      '1e30',
      '0.05',
      '12000',
      '0',
      '1e-300',
      '-2.5',
    ]);
    expect([Number.NaN, Number.POSITIVE_INFINITY].map(v => short(v))).toEqual(['NaN', '∞']);
  });
});

describe('the range shown', () => {
  const losses = Array.from({ length: 200 }, (_, i) => 0.2 + (i % 50) / 50);

  it.each(['linear', 'log'] as const)('%s leaves out what diverged', spacing => {
    const values = sorted([...losses, 1e30, 1e300, Number.POSITIVE_INFINITY, Number.NaN]);
    const { low, high } = crowd(values, spacing);
    expect(low).toBeCloseTo(0.2, 6);
    expect(high).toBeLessThan(2);
  });

  it('holds the best, though it stands out', () => {
    const values = sorted([...losses.map(v => 0.9 + v / 100), 0.94]);
    expect(crowd(values, 'linear', [0.94]).high).toBe(0.94);
  });

  it('is whole for a few values, one value, and none', () => {
    expect(crowd(sorted([1, 2, 50]), 'linear')).toEqual({ low: 1, high: 50 });
    expect(crowd(sorted([3]), 'linear')).toEqual({ low: 3, high: 3 });
    expect(crowd(sorted([]), 'linear')).toEqual({ low: 0, high: 1 });
    expect(crowd(sorted([-1, 0]), 'log')).toEqual({ low: 0.1, high: 1 });
  });

  it('stays while values still fit, and moves when they do not', () => {
    const first = steady(null, { low: 0.2, high: 0.8 }, 'linear');
    expect(steady(first, { low: 0.25, high: 0.8 }, 'linear')).toBe(first);
    expect(steady(first, { low: 0.2, high: 0.95 }, 'linear').high).toBeGreaterThan(0.95);
    expect(steady(first, { low: 0.7, high: 0.8 }, 'linear').low).toBeGreaterThan(0.6);
  });

  it('begins with the spacing that fits the metric', () => {
    expect(spacingsFor(sorted([0.5, 0.8, 0.9, 0.95]), 'max')[0]).toBe('spread');
    expect(spacingsFor(sorted([0.1, 0.2]), 'max')[0]).toBe('linear');
    expect(spacingsFor(sorted([0.01, 0.1, 2, 3]), 'min')[0]).toBe('log');
    expect(spacingsFor(sorted([2, 2.1, 3]), 'min')[0]).toBe('linear');
    expect(spacingsFor(sorted([-2, 3]), 'min')).toEqual(['linear']);
    expect(spacingsFor(sorted([]), 'max')).toEqual(['linear']);
  });

  it('interpolates quantiles', () => {
    expect(quantile(sorted([1, 2, 3, 4]), 0.5)).toBe(2.5);
    expect(quantile(sorted([]), 0.5)).toBeNaN();
  });
});
