/** Keys of axes and columns. */

/** The key of the metric's axis and column. */
export const METRIC = 'metric';
const PARAM = 'param:';

/** The key of a hyperparameter's axis and column: it may be called "metric". */
export function paramKey(name: string): string {
  return PARAM + name;
}

/** What an axis with this key is called. */
export function axisName(key: string): string {
  return key.startsWith(PARAM) ? key.slice(PARAM.length) : key;
}
