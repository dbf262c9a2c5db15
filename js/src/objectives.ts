/** What a search looks for: its objectives' names, and what a trial told of each. Pure. */

import { plain } from './format';
import { METRIC, objectiveName } from './keys';
import { metricOf, type State, type Trial } from './state';

/** An objective beside the first, which is the metric. */
export interface Further {
  /** Its place among all. */
  index: number;
  name: string;
  direction: string;
}

/** What the metric is called: the first objective's name, where it has one. */
export function metricName(state: State): string {
  return state.objectives[0] ?? METRIC;
}

export function hasSeveral(state: State): boolean {
  return (state.settings?.directions ?? []).length > 1;
}

/** The objectives after the first; none before their names are known. */
export function furtherOf(state: State): Further[] {
  if (!hasSeveral(state)) return [];
  const directions = state.settings?.directions ?? [];
  return state.objectives
    .map((name, index) => ({ index, name, direction: directions[index] ?? 'max' }))
    .slice(1);
}

/** What the trial told of an objective; a number for the first one while it runs, too. */
export function toldOf(trial: Trial, index: number): number | null {
  return index === 0 ? metricOf(trial) : (trial.objectives?.[index] ?? null);
}

/** The further objective with this key; undefined where it is none. */
export function furtherWith(key: string, state: State): Further | undefined {
  const name = objectiveName(key);
  return name === null ? undefined : furtherOf(state).find(one => one.name === name);
}

/** "maximise accuracy, minimise latency"; "maximise metric". */
export function goalWords(state: State): string {
  const { settings } = state;
  if (!settings) return '';
  const directions = hasSeveral(state) ? settings.directions : [settings.direction];
  const otherwise = (i: number) => (directions.length > 1 ? `objective ${i + 1}` : METRIC);
  return directions
    .map((direction, i) => {
      const name = plain(state.objectives[i], 40) || otherwise(i);
      return `${direction === 'min' ? 'minimise' : 'maximise'} ${name}`;
    })
    .join(', ');
}

/** The best, by what it is the best where there are several objectives. */
export function bestWord(state: State): string {
  return hasSeveral(state) ? `best ${plain(metricName(state), 40)}` : 'best';
}
