import { expect, it } from 'vitest';
import { Axes } from '../../src/charts/axes';
import { metricAxis } from '../../src/charts/axis';
import { stepsThrough } from '../../src/charts/front';
import { scaleOf } from '../../src/charts/scale';
import { ScatterPlot } from '../../src/charts/scatterplot';
import { METRIC } from '../../src/keys';
import { Store } from '../../src/store';
import { FakeModel } from '../fake';

// From the best by the first objective on, in pixels: further up is less. Of the second, more is better.
const UP = [
  { x: 10, y: 20 },
  { x: 40, y: 50 },
];
// Less of the second is better.
const DOWN = [
  { x: 40, y: 20 },
  { x: 10, y: 50 },
];

it.each([
  ['the metric up', UP, true, [10, 20, 10, 50, 40, 50]],
  ['the metric up, and less of the other better', DOWN, true, [40, 20, 40, 50, 10, 50]],
  ['the metric across', UP, false, [10, 20, 40, 20, 40, 50]],
])('goes by the corner that each of both trials surpasses: %s', (_, points, up, steps) => {
  const metric = metricAxis(scaleOf('linear', { low: 0, high: 1 }));
  const other = { ...metric, key: 'objective:latency' };
  const plot = new ScatterPlot(new Axes(new Store(new FakeModel())), () => ({}) as never);
  expect(metric.key).toBe(METRIC);
  [plot.x, plot.y] = up ? [other, metric] : [metric, other];
  expect(stepsThrough(points, plot)).toEqual(steps);
});
