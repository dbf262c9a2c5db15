/** The axes of a search: one for each hyperparameter, and the metric's, which is the colour's legend. */

import { metricOf, type Trial } from '../state';
import type { Store } from '../store';
import { type Axis, axisOf, metricAxis } from './axis';
import { crowd, spacingsFor, steady } from './domain';
import type { Rgb } from './raster';
import { finals, patience } from './sample';
import { type Range, type Scale, type Spacing, scaleOf } from './scale';
import { rampAt, type Theme } from './theme';

export class Axes {
  parameters: readonly Axis[] = [];
  scale: Scale = scaleOf('linear', { low: 0, high: 1 });
  metric: Axis = metricAxis(this.scale);
  private readonly store: Store;
  private values: Float64Array = new Float64Array();
  private domain: (Range & { spacing: Spacing }) | null = null;
  private readFrom: unknown = null;
  private lastLook = Number.NEGATIVE_INFINITY;

  constructor(store: Store) {
    this.store = store;
  }

  get all(): readonly Axis[] {
    return [...this.parameters, this.metric];
  }

  /** Looks at the search anew; whether any axis is another one now. */
  refresh(): boolean {
    const { state } = this.store;
    const now = performance.now();
    const fresh = this.readFrom !== state.parameters;
    if (!fresh && now - this.lastLook <= patience(state.trials.length)) return false;
    this.lastLook = now;
    if (fresh) {
      this.readFrom = state.parameters;
      this.parameters = state.parameters.map(axisOf);
      this.domain = null;
    }
    return this.look() || fresh;
  }

  /** 0..1, the place of the trial's metric among all, for fanning out; trials without are spread evenly. */
  rank(trial: Trial): number {
    const metric = metricOf(trial);
    if (metric === null || this.values.length < 2) return jitter(trial);
    let [low, high] = [0, this.values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.values[middle] as number) < metric) low = middle + 1;
      else high = middle;
    }
    return Math.min(1, low / (this.values.length - 1));
  }

  /** The colour of a metric; null where the trial has none. */
  colour(trial: Trial, theme: Theme): Rgb | null {
    const metric = metricOf(trial);
    return metric === null ? null : rampAt(theme.ramp, this.goodness(this.scale.at(metric)));
  }

  /** 0 at the worst end of the metric's axis, 1 at the best. */
  goodness(at: number): number {
    return this.store.state.settings?.direction === 'min' ? 1 - at : at;
  }

  private look(): boolean {
    const { state } = this.store;
    const values = finals(state.trials);
    const best = state.best?.finalMetric ?? null;
    const [spacing] = spacingsFor(values, state.settings?.direction === 'min' ? 'min' : 'max');
    // Another spacing for a handful of metrics more would make the picture jump.
    const keep = this.domain && values.length < 2 * this.values.length ? this.domain.spacing : spacing;
    const old = this.domain?.spacing === keep ? this.domain : null;
    const range = steady(old, crowd(values, keep, best === null ? [] : [best]), keep);
    if (range === old) return false;
    this.values = values;
    this.domain = { ...range, spacing: keep };
    this.scale = scaleOf(keep, this.domain);
    this.metric = metricAxis(this.scale);
    return true;
  }
}

/** 0..1 by the trial's number, evenly. */
export function jitter({ number }: Trial): number {
  return (number * 0.618034) % 1;
}
