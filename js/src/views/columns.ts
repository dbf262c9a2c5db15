/** The columns of the table: what each shows, how it sorts, how wide it is. */

import { clock, columnFormat, plain, showAligned } from '../format';
import { METRIC, objectiveKey, objectiveName, paramKey } from '../keys';
import { type Further, furtherOf, metricName, toldOf } from '../objectives';
import type { Parameter } from '../parameters';
import { metricOf, type Trial } from '../state';
import type { Store } from '../store';
import { noteOf } from './marks';

export type Key = number | string | null;

export interface Column {
  name: string;
  title: string;
  /** Pixels; null for what is left over. */
  width: number | null;
  /** The least of what is left over. */
  least?: number;
  /** Pixels of its width that part it from the column before. */
  gap?: number;
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
  /** Of each further objective. */
  further: readonly number[];
  /** The last step of the longest finished trial. */
  longest: number;
  /** What sparklines span. */
  low: number;
  high: number;
}

/** Of a head's characters, to those of the cells. */
const SMALL = 0.86;

interface Choice {
  parameters: boolean;
  spark: number;
  step: number;
  time: boolean;
  worker: boolean;
  note: number;
  /** Pixels between two columns. */
  gap: number;
  /** Characters of a column's head. */
  head: number;
  /** Pixels of a character. */
  character: number;
}

const ALL: Omit<Choice, 'character'> = {
  parameters: true,
  spark: 76,
  step: 112,
  time: true,
  worker: true,
  note: 120,
  gap: 16,
  head: 18,
};
/** What goes first where room is short; what goes is in the opened row. */
const NARROWER: readonly Partial<Choice>[] = [
  {},
  { worker: false },
  { time: false },
  { gap: 10, spark: 48, step: 72 },
  { note: 0 },
  { head: 10 },
  { spark: 0 },
  { head: 8 },
  { gap: 8, step: 56 },
  { step: 0 },
];
const LEAST: Omit<Choice, 'character'> = {
  ...ALL,
  parameters: false,
  spark: 0,
  step: 76,
  time: false,
  worker: false,
  note: 0,
  gap: 12,
};

/** The columns for a table and its digits of so many pixels; `scale` is read anew for each text. */
export function columnsFor(store: Store, width: number, character: number, scale: () => Scale): Column[] {
  if (width < 480) return fitted(columnsOf(store, { ...LEAST, character }, scale), width);
  let choice = { ...ALL, character };
  for (const narrower of NARROWER) {
    choice = { ...choice, ...narrower };
    const columns = columnsOf(store, choice, scale);
    if (leastWidth(columns) <= width) return columns;
  }
  // So many hyperparameters that the table scrolls sideways: then it can hold all.
  return columnsOf(
    store,
    { ...ALL, character, ...(width < 760 && { worker: false, time: false, note: 0, gap: 10 }) },
    scale,
  );
}

function columnsOf(store: Store, choice: Choice, scale: () => Scale): Column[] {
  const { gap, character } = choice;
  const digits = String(store.state.trials.length).length;
  const trial = { ...TRIAL, width: Math.max(40, Math.ceil(digits * character) + 4) + gap };
  const columns = [CARET, MARK, trial, metricColumn(store, choice, scale)];
  for (const further of furtherOf(store.state)) columns.push(furtherColumn(further, choice, scale));
  if (choice.spark) columns.push({ ...SPARK, width: choice.spark });
  if (choice.parameters) columns.push(...store.state.parameters.map(p => parameterColumn(p, choice)));
  if (choice.step) columns.push({ ...STEP, width: choice.step });
  if (choice.time) columns.push(TIME);
  if (choice.worker) columns.push(WORKER);
  columns.push(choice.note ? { ...NOTE, least: choice.note } : { ...NOTE, title: '', text: () => '' }, STOP);
  return columns;
}

/** Without the last objectives, where there is no room for all. */
function fitted(columns: Column[], width: number): Column[] {
  const last = columns.findLastIndex(({ name }) => objectiveName(name) !== null);
  if (last < 0 || leastWidth(columns) <= width) return columns;
  return fitted(columns.toSpliced(last, 1), width);
}

/** The narrowest that a table of these columns can be. */
export function leastWidth(columns: Column[]): number {
  return columns.reduce((sum, column) => sum + (column.width ?? column.least ?? 0), 0);
}

/** Pixels between the columns. */
export function gapOf(columns: Column[]): number {
  return columns.find(({ name }) => name === METRIC)?.gap ?? 0;
}

const METRIC_WIDTH = 60;
const CARET: Column = { name: 'caret', title: '', width: 22, right: false };
const MARK: Column = { name: 'mark', title: '', width: 18, right: false };
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
  width: 56,
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
const STOP: Column = { name: 'stop', title: '', width: 56, right: true };

function metricColumn(store: Store, choice: Choice, scale: () => Scale): Column {
  const text = (trial: Trial) => numberText(metricOf(trial), scale().decimals);
  const named = titled(metricName(store.state), choice);
  return { name: METRIC, ...named, gap: choice.gap, right: true, key: metricOf, text };
}

function furtherColumn({ name, index }: Further, choice: Choice, scale: () => Scale): Column {
  const key = (trial: Trial) => toldOf(trial, index);
  const text = (trial: Trial) => numberText(key(trial), scale().further[index - 1] ?? 3);
  return { name: objectiveKey(name), ...titled(name, choice), right: true, key, text };
}

/** The head of an objective's column, and its width. */
function titled(name: string, { gap, head, character }: Choice): { title: string; width: number } {
  const title = plain(name, 40);
  const wide = Math.min(title.length, head) * character * SMALL + 4;
  return { title, width: Math.max(METRIC_WIDTH, Math.ceil(wide)) + gap };
}

function numberText(value: number | null, decimals: number): string {
  return value === null ? '–' : showAligned(value, decimals);
}

function parameterColumn(parameter: Parameter, { gap, head, character }: Choice): Column {
  const { name, values, type } = parameter;
  const format = columnFormat(parameter);
  const longest = Math.max(...values.map(value => format(value).length), type === 'DOUBLE' ? 5 : 1);
  const title = plain(name, 40);
  const wide = Math.max(
    Math.min(longest, 18) * character,
    Math.min(title.length, head) * character * SMALL + 4,
  );
  return {
    name: paramKey(name),
    title,
    width: Math.ceil(wide + gap),
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
