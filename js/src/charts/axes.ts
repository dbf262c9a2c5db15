/** The axes of a search: one for each hyperparameter, the metric's, which is the colour's legend, and the other objectives'. */

import { hasSeveral, metricName, toldOf } from '../objectives';
import { metricOf, type Trial } from '../state';
import type { Store } from '../store';
import { type Axis, axisOf, metricAxis } from './axis';
import { Fit } from './fit';
import { FurtherAxes } from './furtheraxes';
import type { Rgb } from './raster';
import { finals, patience } from './sample';
import type { Scale } from './scale';
import { rampAt, type Theme } from './theme';

export class Axes {
  parameters: readonly Axis[] = [];
  metric: Axis;
  private readonly store: Store;
  private readonly fit = new Fit();
  private readonly others = new FurtherAxes();
  private readFrom: readonly unknown[] = [];
  private lastLook = Number.NEGATIVE_INFINITY;

  constructor(store: Store) {
    this.store = store;
    this.metric = metricAxis(this.scale);
  }

  get scale(): Scale {
    return this.fit.scale;
  }

  /** Of the objectives after the first. */
  get further(): readonly Axis[] {
    return this.others.axes;
  }

  get all(): readonly Axis[] {
    return [...this.parameters, this.metric, ...this.further];
  }

  /** Looks at the search anew; whether any axis is another one now. */
  refresh(): boolean {
    const { state } = this.store;
    const now = performance.now();
    const read = [state.parameters, state.objectives];
    const fresh = read.some((part, i) => part !== this.readFrom[i]);
    if (!fresh && now - this.lastLook <= patience(state.trials.length)) return false;
    this.lastLook = now;
    if (fresh) {
      this.readFrom = read;
      this.parameters = state.parameters.map(axisOf);
      this.fit.forget();
      this.others.read(state);
    }
    const moved = this.look();
    return this.others.look(state) || moved || fresh;
  }

  /** 0..1, the place of the trial's metric among all, for fanning out; trials without are spread evenly. */
  rank(trial: Trial): number {
    const metric = metricOf(trial);
    if (metric === null || this.fit.values.length < 2) return jitter(trial);
    let [low, high] = [0, this.fit.values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.fit.values[middle] as number) < metric) low = middle + 1;
      else high = middle;
    }
    return Math.min(1, low / (this.fit.values.length - 1));
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
    const best = state.best?.finalMetric ?? null;
    const kept = state.front.trials.map(trial => toldOf(trial, 0) ?? Number.NaN);
    const direction = state.settings?.direction;
    if (!this.fit.to(finals(state.trials), direction, best === null ? kept : [best, ...kept])) return false;
    this.metric = metricAxis(this.scale, metricName(state), hasSeveral(state) ? direction : undefined);
    return true;
  }
}

/** 0..1 by the trial's number, evenly. */
export function jitter({ number }: Trial): number {
  return (number * 0.618034) % 1;
}
