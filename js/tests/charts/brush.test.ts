import { describe, expect, it } from 'vitest';
import { axisOf, extents, metricAxis } from '../../src/charts/axis';
import { brushBetween, dragged, gripAt, nudged } from '../../src/charts/brush';
import { scaleOf } from '../../src/charts/scale';
import type { Trial } from '../../src/state';

const rate = axisOf({ name: 'lr', type: 'DOUBLE', values: [1e-4, 1e-1], log: true, step: null, when: [] });
const kernel = axisOf({ name: 'kernel', type: 'INTEGER', values: [2, 8], log: false, step: null, when: [] });
const optimizer = axisOf({
  name: 'opt',
  type: 'CATEGORICAL',
  values: ['adam', 'sgd', null],
  log: false,
  step: null,
  when: [],
});
const metric = metricAxis(scaleOf('linear', { low: 0.5, high: 0.9 }));
const trial = (params: object) => ({ params }) as unknown as Trial;

describe('an axis', () => {
  it('places numbers by the space, whole numbers and choices in bands', () => {
    expect(rate.at(trial({ lr: 1e-3 }), 0.5)).toBeCloseTo(1 / 3, 9);
    expect(kernel.at(trial({ kernel: 5 }), 0.5)).toBeCloseTo(0.5, 9);
    const [sgd] = optimizer.bands.filter(band => band.label === 'sgd');
    for (const fan of [0, 0.5, 1]) {
      const at = optimizer.at(trial({ opt: 'sgd' }), fan);
      expect(at).toBeGreaterThan(sgd?.low as number);
      expect(at).toBeLessThan(sgd?.high as number);
    }
    expect(optimizer.bands.map(band => band.label)).toEqual(['adam', 'sgd', 'None']);
  });

  it('fans out by order: a better metric stands higher in its band', () => {
    expect(kernel.at(trial({ kernel: 5 }), 1)).toBeGreaterThan(kernel.at(trial({ kernel: 5 }), 0));
    expect(kernel.at(trial({ kernel: 5 }), 1)).toBeLessThan(kernel.at(trial({ kernel: 6 }), 0));
  });

  it('tells choices apart that are shown alike', () => {
    const values = ['None', null, 1, '1'];
    const axis = axisOf({ name: 'x', type: 'CATEGORICAL', values, log: false, step: null, when: [] });
    expect(axis.bands.map(band => band.label)).toEqual(["'None'", 'None', '1', "'1'"]);
    const at = values.map(x => axis.at(trial({ x }), 0.5));
    expect(new Set(at).size).toBe(4);
  });

  it('has no place for what is missing or of another kind', () => {
    expect(rate.at(trial({}), 0)).toBeNaN();
    expect(rate.at(trial({ lr: 'x' }), 0)).toBeNaN();
    expect(optimizer.at(trial({ opt: 'lion' }), 0)).toBeNaN();
  });

  it('of many whole numbers, or of a single value, is plain', () => {
    expect(
      axisOf({ name: 'n', type: 'INTEGER', values: [1, 999], log: false, step: null, when: [] }).bands,
    ).toEqual([]);
    const fixed = axisOf({ name: 'n', type: 'INTEGER', values: [3, 3], log: false, step: null, when: [] });
    expect(fixed.at(trial({ n: 3 }), 0)).toBeCloseTo(0.5, 9);
  });
});

describe('a drag', () => {
  it('from one place to another brushes what lies between, either way', () => {
    expect(dragged('new', undefined, 0.6, 0.2)).toEqual({ low: 0.2, high: 0.6 });
    const brush = brushBetween(rate, { low: 1 / 3, high: 2 / 3 }) as { low: number; high: number };
    expect(brush.low).toBeCloseTo(1e-3, 9);
    expect(brush.high).toBeCloseTo(1e-2, 9);
  });

  it('takes in whole bands that it touches', () => {
    expect(brushBetween(kernel, { low: 0.45, high: 0.8 })).toEqual({ low: 5, high: 7 });
    expect(brushBetween(optimizer, { low: 0.1, high: 0.4 })).toEqual({ choices: new Set(['adam', 'sgd']) });
    expect(brushBetween(optimizer, { low: 1.2, high: 1.3 })).toBeNull();
  });

  it('to the end takes in all that lies there, for a metric what lies beyond, too', () => {
    expect(brushBetween(rate, { low: 0.5, high: 1.01 })).toMatchObject({ high: 1e-1 });
    expect(brushBetween(metric, { low: 0.5, high: 1.01 })).toMatchObject({ high: Number.POSITIVE_INFINITY });
    expect(brushBetween(metric, { low: -0.01, high: 0.5 })).toMatchObject({ low: Number.NEGATIVE_INFINITY });
  });

  it('takes hold of an end, the middle, or begins anew', () => {
    const brush = { low: 1e-3, high: 1e-2 };
    expect([1 / 3, 0.5, 2 / 3, 0.9].map(at => gripAt(rate, brush, at, 0.02))).toEqual([
      'low',
      'body',
      'high',
      'new',
    ]);
    expect(gripAt(rate, undefined, 0.5, 0.02)).toBe('new');
    expect(gripAt(optimizer, { choices: new Set(['sgd']) }, 0.5, 0.02)).toBe('new');
  });

  it('of an end may cross the other; of the middle stays on the axis', () => {
    const old = { low: 0.2, high: 0.4 };
    expect(dragged('low', old, 0.2, 0.7)).toEqual({ low: 0.4, high: 0.7 });
    expect(dragged('high', old, 0.4, 0.9)).toEqual({ low: 0.2, high: 0.9 });
    const moved = dragged('body', old, 0.3, 5);
    expect([moved.low, moved.high].map(v => v.toFixed(6))).toEqual(['0.800000', '1.000000']);
  });

  it('can be seen where it was drawn', () => {
    const brush = brushBetween(rate, { low: 0.25, high: 0.75 });
    const [extent] = extents(rate, brush as { low: number; high: number });
    expect(extent?.low).toBeCloseTo(0.25, 9);
    expect(extents(optimizer, { choices: new Set(['sgd', 'None']) }).length).toBe(2);
  });
});

describe('arrow keys', () => {
  it('begin a brush, move it, and widen it', () => {
    const first = nudged(rate, undefined, 1, false) as { low: number; high: number };
    const moved = nudged(rate, first, 1, false) as { low: number; high: number };
    const wider = nudged(rate, first, 1, true) as { low: number; high: number };
    expect(moved.low).toBeGreaterThan(first.low);
    expect(moved.high / moved.low).toBeCloseTo(first.high / first.low, 6);
    expect([wider.low.toFixed(9), wider.high > first.high]).toEqual([first.low.toFixed(9), true]);
  });

  it('go from choice to choice and from whole number to whole number', () => {
    const adam = nudged(optimizer, undefined, 1, false);
    expect(adam).toEqual({ choices: new Set(['adam']) });
    expect(nudged(optimizer, adam as never, 1, false)).toEqual({ choices: new Set(['sgd']) });
    expect(nudged(optimizer, adam as never, 1, true)).toEqual({ choices: new Set(['adam', 'sgd']) });
    expect(nudged(kernel, { low: 7, high: 8 }, 1, false)).toEqual({ low: 7, high: 8 });
    expect(nudged(kernel, { low: 7, high: 8 }, -1, false)).toEqual({ low: 6, high: 7 });
  });
});
