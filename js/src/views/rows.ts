/** Which trials the table shows, and in which order. */

import { decimalsFor } from '../format';
import { furtherOf, toldOf } from '../objectives';
import type { Trial } from '../state';
import { isIdea, metricOf } from '../state';
import type { Store } from '../store';
import type { Column, Key, Scale } from './columns';
import { overviewOf } from './summary';

/** The trials that pass filter and brushes, sorted by the column. What has no value goes last. */
export function orderTrials(store: Store, column: Column | undefined): Trial[] {
  const trials = store.state.trials.filter(trial => !isIdea(trial) && store.passes(trial));
  const { descending } = store.ui.sort;
  if (!column?.key || column.name === 'trial') return descending ? trials.reverse() : trials;
  const { key } = column;
  const keys = new Map<Trial, Key>(trials.map(trial => [trial, key(trial, store)]));
  const sign = descending ? -1 : 1;
  return trials.sort(
    (a, b) => compare(keys.get(a) ?? null, keys.get(b) ?? null, sign) || b.number - a.number,
  );
}

function compare(a: Key, b: Key, sign: number): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  if (typeof a === typeof b) return a < b ? -sign : sign;
  return typeof a === 'number' ? -1 : 1;
}

/** What the cells have in common, from all trials, so that filtering does not change how they look. */
export function scaleOf(store: Store): Scale {
  const metrics = store.state.trials.map(metricOf).filter(metric => metric !== null);
  const decimals = decimalsFor(metrics);
  const further = furtherOf(store.state).map(({ index }) =>
    decimalsFor(store.state.trials.map(trial => toldOf(trial, index)).filter(value => value !== null)),
  );
  const values = valuesSeen(store.state.trials).sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor(share * (values.length - 1))] ?? 0;
  return { decimals, further, longest: overviewOf(store.state).longest, low: at(0.02), high: at(0.98) };
}

/** Some values of each curve: enough to tell what nearly all of them lie between. */
function valuesSeen(trials: readonly Trial[]): number[] {
  const seen: number[] = [];
  const every = Math.max(1, Math.floor(trials.length / 500));
  for (let i = trials.length - 1; i >= 0; i -= every) {
    const curve = trials[i]?.curve;
    if (!curve) continue;
    const stride = Math.max(1, Math.floor(curve.length / 8));
    for (let k = 0; k < curve.length; k += stride) {
      const value = curve.values[k];
      if (value !== undefined && Number.isFinite(value)) seen.push(value);
    }
  }
  return seen;
}
