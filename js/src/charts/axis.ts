/** Axes of hyperparameters and of the metric: where a trial stands on each. Pure. */

import type { Json } from '../contract';
import { labelOf, plain, show } from '../format';
import { METRIC, objectiveKey, paramKey } from '../keys';
import { type Further, toldOf } from '../objectives';
import { isInterval, type Parameter } from '../parameters';
import type { Trial } from '../state';
import type { Brush } from '../store';
import { type Scale, scaleOf } from './scale';
import { ticksOf } from './ticks';

/** A value with a band of its own, in which lines are fanned out. */
export interface Band {
  label: string;
  /** 0..1 along the axis. */
  low: number;
  high: number;
}

export interface Axis {
  /** The key of its brush. */
  readonly key: string;
  readonly name: string;
  readonly log: boolean;
  /** Of an objective, where there are several: which end is the better one. */
  readonly better?: 'low' | 'high' | undefined;
  /** Whether values may lie beyond its ends. */
  readonly open: boolean;
  /** Whether trials may lack it, as it depends on other hyperparameters. */
  readonly optional: boolean;
  /** Null where the axis has bands of choices only. */
  readonly scale: Scale | null;
  /** Empty where values are not fanned out. */
  readonly bands: readonly Band[];
  /** The trial's value; undefined where it has none. */
  value(trial: Trial): Json | undefined;
  /** 0..1, NaN where the trial has no place; `fan` (0..1) is the place within a band. */
  at(trial: Trial, fan: number): number;
  marks(count: number): { at: number; label: string }[];
}

/** More integers than this in a range lie on a plain scale. */
const MOST_BANDS = 16;
/** The part of a band that lines use; the rest parts it from the next and holds its name. */
const USED = 0.62;

export function axisOf(parameter: Parameter): Axis {
  if (!isInterval(parameter)) return choiceAxis(parameter);
  const [low, high] = parameter.values.map(Number) as [number, number];
  const step = parameter.step ?? 1;
  const count = parameter.type === 'INTEGER' ? Math.floor((high - low) / step) + 1 : Number.POSITIVE_INFINITY;
  return count > 1 && count <= MOST_BANDS && !parameter.log
    ? integerAxis(parameter, low, step, count)
    : numberAxis(parameter, low, high);
}

/** The metric's axis; of several objectives, with the direction of the first. */
export function metricAxis(scale: Scale, name: string = METRIC, direction?: string): Axis {
  return objectiveAxis(METRIC, { index: 0, name, direction: direction ?? '' }, scale);
}

export function furtherAxis(further: Further, scale: Scale): Axis {
  return objectiveAxis(objectiveKey(further.name), further, scale);
}

function objectiveAxis(key: string, { index, name, direction }: Further, scale: Scale): Axis {
  return {
    key,
    name,
    log: scale.spacing === 'log',
    better: direction === 'min' ? 'low' : direction === 'max' ? 'high' : undefined,
    open: true,
    optional: false,
    scale,
    bands: [],
    value: trial => toldOf(trial, index) ?? undefined,
    at: trial => scale.at(toldOf(trial, index) ?? Number.NaN),
    marks: count => ticksOf(scale, count),
  };
}

/** Where a trial stands that lacks the hyperparameter. Not "none", which looks like the value None. */
export const ABSENT = 'absent';

/** "lr (log)"; "latency, lower is better". */
export function titleOfAxis({ name, log, better }: Axis): string {
  const title = plain(name, 60) + (log ? ' (log)' : '');
  return better ? `${title}, ${better === 'low' ? 'lower' : 'higher'} is better` : title;
}

function numberAxis({ name, log, when }: Parameter, low: number, high: number): Axis {
  const scale = scaleOf(log && low > 0 ? 'log' : 'linear', { low, high });
  return {
    key: paramKey(name),
    name,
    log,
    open: false,
    optional: when.length > 0,
    scale,
    bands: [],
    value: trial => trial.params[name],
    at: trial => scale.at(numberOf(trial.params[name])),
    marks: count => ticksOf(scale, count),
  };
}

function integerAxis({ name, when }: Parameter, low: number, step: number, count: number): Axis {
  const scale = scaleOf('linear', { low: low - step / 2, high: low + (count - 0.5) * step });
  const bands = bandsFor(Array.from({ length: count }, (_, i) => show(low + i * step)));
  const at = (trial: Trial, fan: number) => {
    const value = numberOf(trial.params[name]);
    return scale.at(value) + ((fan - 0.5) * USED) / count;
  };
  const marks = (most: number) => {
    const stride = Math.ceil(count / Math.max(2, most));
    return bands.filter((_, i) => i % stride === 0).map(band => ({ at: middle(band), label: band.label }));
  };
  return {
    key: paramKey(name),
    name,
    log: false,
    open: false,
    optional: when.length > 0,
    scale,
    bands,
    value: trial => trial.params[name],
    at,
    marks,
  };
}

function choiceAxis(parameter: Parameter): Axis {
  const { name, values, when } = parameter;
  const bands = bandsFor(values.map(value => labelOf(parameter, value)));
  const byLabel = new Map(bands.map(band => [band.label, band]));
  const at = (trial: Trial, fan: number) => {
    const value = trial.params[name];
    const band = value === undefined ? undefined : byLabel.get(labelOf(parameter, value));
    return band ? fanned(band, fan) : Number.NaN;
  };
  const marks = (most: number) => {
    const stride = Math.ceil(bands.length / Math.max(2, most * 2));
    return bands.filter((_, i) => i % stride === 0).map(band => ({ at: middle(band), label: band.label }));
  };
  return {
    key: paramKey(name),
    name,
    log: false,
    open: false,
    optional: when.length > 0,
    scale: null,
    bands,
    value: trial => trial.params[name],
    at,
    marks,
  };
}

/** Whether the axis is one of choices; brushes on it hold labels, not numbers. */
export function ofChoices(axis: Axis): boolean {
  return axis.scale === null;
}

/** The stretches (0..1) of the axis that the brush lets through. */
export function extents(axis: Axis, brush: Brush): { low: number; high: number }[] {
  if ('choices' in brush) return axis.bands.filter(band => brush.choices.has(band.label));
  if (!axis.scale) return [];
  const room = axis.bands.length > 0 ? USED / 2 / axis.bands.length : 0;
  return [{ low: axis.scale.at(brush.low) - room, high: axis.scale.at(brush.high) + room }];
}

function bandsFor(labels: string[]): Band[] {
  const size = 1 / Math.max(1, labels.length);
  return labels.map((label, i) => ({ label, low: i * size, high: (i + 1) * size }));
}

/** A little low in its band: the name stands above. */
function fanned({ low, high }: Band, fan: number): number {
  return low + (high - low) * (0.08 + fan * USED);
}

function middle({ low, high }: Band): number {
  return (low + high) / 2;
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : Number.NaN;
}
