/** The columns of the table: what each shows, how it sorts, how wide it is. */

import { clock, columnFormat, plain, showAligned } from '../format';
import type { Parameter } from '../parameters';
import { metricOf, type Trial } from '../state';
import { METRIC, type Store } from '../store';
import { noteOf } from './marks';

export type Key = number | string | null;

export interface Column {
  name: string;
  title: string;
  /** Pixels; null for what is left over. */
  width: number | null;
  right: boolean;
  /** What trials are sorted by; null goes last. Undefined where the column does not sort. */
  key?: (trial: Trial, store: Store) => Key;
  /** Undefined where the cell holds something else than text. */
  text?: (trial: Trial, store: Store) => string;
}

/** What the cells of all rows have in common. */
export interface Scale {
  /** Of the metric. */
  decimals: number;
  /** The last step of the longest finished trial. */
  longest: number;
  /** What sparklines span. */
  low: number;
  high: number;
}

const PARAM = 'param:';
const CHARACTER = 7.3;
const SMALL_CHARACTER = 6.3;
const GAP = 18;

/** The columns for a table of so many pixels; `scale` is read anew for each text. */
export function columnsFor(store: Store, width: number, scale: () => Scale): Column[] {
  const columns = [CARET, MARK, TRIAL, metricColumn(scale)];
  if (width >= 480) columns.push({ ...SPARK, width: width < 760 ? 52 : 76 });
  if (width >= 480) columns.push(...store.state.parameters.map(parameterColumn));
  columns.push({ ...STEP, width: width < 760 ? 88 : 124 });
  if (width >= 760) columns.push(TIME);
  if (width >= 900) columns.push(WORKER);
  columns.push(width >= 760 ? NOTE : { ...NOTE, title: '', text: () => '' }, STOP);
  return columns;
}

/** The narrowest that a table of these columns can be. */
export function leastWidth(columns: Column[]): number {
  return columns.reduce((sum, column) => sum + (column.width ?? 8), 0);
}

const CARET: Column = { name: 'caret', title: '', width: 24, right: false };
const MARK: Column = { name: 'mark', title: '', width: 20, right: false };
const TRIAL: Column = {
  name: 'trial',
  title: 'trial',
  width: 52,
  right: true,
  key: trial => trial.number,
  text: trial => String(trial.number),
};
const SPARK: Column = { name: 'spark', title: '', width: 76, right: false };
const STEP: Column = {
  name: 'step',
  title: 'step',
  width: 124,
  right: false,
  key: trial => trial.curve.lastStep,
};
const TIME: Column = {
  name: 'time',
  title: 'time',
  width: 64,
  right: true,
  key: secondsOf,
  text: (trial, store) => {
    const seconds = secondsOf(trial, store);
    return seconds === null ? '' : clock(seconds);
  },
};
const WORKER: Column = {
  name: 'worker',
  title: 'worker',
  width: 60,
  right: true,
  key: workerOf,
  text: (trial, store) => String(workerOf(trial, store) ?? ''),
};
const NOTE: Column = {
  name: 'note',
  title: 'note',
  width: null,
  right: false,
  key: (trial, store) => noteOf(trial, store.state) || null,
  text: (trial, store) => noteOf(trial, store.state),
};
const STOP: Column = { name: 'stop', title: '', width: 68, right: true };

function metricColumn(scale: () => Scale): Column {
  const text = (trial: Trial) => {
    const metric = metricOf(trial);
    return metric === null ? '–' : showAligned(metric, scale().decimals);
  };
  return { name: METRIC, title: 'metric', width: 92, right: true, key: metricOf, text };
}

function parameterColumn(parameter: Parameter): Column {
  const { name, values, type } = parameter;
  const format = columnFormat(parameter);
  const longest = Math.max(...values.map(value => format(value).length), type === 'DOUBLE' ? 5 : 1);
  const title = plain(name, 40);
  const wide = Math.max(Math.min(longest, 18) * CHARACTER, Math.min(title.length, 18) * SMALL_CHARACTER + 8);
  return {
    name: PARAM + name,
    title,
    width: Math.ceil(wide + GAP),
    right: values.every(value => typeof value === 'number'),
    key: trial => keyOf(trial, name),
    text: trial => plain(format(trial.params[name]), 60),
  };
}

function keyOf(trial: Trial, name: string): Key {
  const value = trial.params[name];
  if (value === undefined || value === null) return null;
  return typeof value === 'number' ? value : String(value);
}

/** Seconds that it ran, or has been running. */
export function secondsOf(trial: Trial, store: Store): number | null {
  if (trial.duration !== null || trial.start === null) return trial.duration;
  return Math.max(0, store.now() - trial.start);
}

function workerOf(trial: Trial, store: Store): number | null {
  return store.state.workers.get(trial.worker ?? '')?.number ?? null;
}
