/** Keys of axes and columns. */

/** The key of the metric's axis and column. */
export const METRIC = 'metric';
const PARAM = 'param:';
const OBJECTIVE = 'objective:';

/** The key of a hyperparameter's axis and column: it may be called "metric". */
export function paramKey(name: string): string {
  return PARAM + name;
}

/** The key of the axis and column of an objective after the first, which is the metric. */
export function objectiveKey(name: string): string {
  return OBJECTIVE + name;
}

/** The objective with this key; null where it is not one's. */
export function objectiveName(key: string): string | null {
  return key.startsWith(OBJECTIVE) ? key.slice(OBJECTIVE.length) : null;
}

/** What an axis with this key is called. */
export function axisName(key: string): string {
  return key.startsWith(PARAM) ? key.slice(PARAM.length) : (objectiveName(key) ?? key);
}
