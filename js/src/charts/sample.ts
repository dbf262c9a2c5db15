/** Enough metrics to choose a scale by, evenly taken, so that ten thousand trials cost no more than a few. */

import { metricOf, type Trial } from '../state';
import { sorted } from './domain';

const MOST = 4000;
const ENOUGH = 3;

/** Milliseconds between two looks at all that a search has: none of a small one, a second of a huge one. */
export function patience(trials: number): number {
  return trials < 200 ? -1 : 300 + trials / 14;
}

/** Values from all along the curves, sorted. */
export function curveValues(trials: readonly Trial[]): Float64Array {
  const total = trials.reduce((sum, trial) => sum + trial.curve.length, 0);
  const stride = Math.max(1, Math.ceil(total / MOST));
  const values: number[] = [];
  let next = 0;
  for (const { curve } of trials) {
    for (; next < curve.length; next += stride) values.push(curve.values[next] as number);
    next -= curve.length;
  }
  return sorted(values);
}

/** The metrics of trials that ended, sorted; while these are few, of running ones, too. */
export function finals(trials: readonly Trial[]): Float64Array {
  const ended = sorted(trials.map(trial => trial.finalMetric ?? Number.NaN));
  return ended.length >= ENOUGH ? ended : sorted(trials.map(trial => metricOf(trial) ?? Number.NaN));
}
