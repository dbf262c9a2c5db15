/** The filter box: words and comparisons, all of which must hold: `adam kernel>4 failed latency<=9 front`. */

import { plain, show } from './format';
import { axisName, METRIC, objectiveName } from './keys';
import { toldOf } from './objectives';
import { kindOf, type State, type Trial } from './state';

type Test = (trial: Trial) => boolean;

export interface Filter {
  /** Whether a trial passes. */
  test: Test;
  /** The words that match no trial of the search. */
  unknown: () => string[];
}

const WORDS: { [kind: string]: string } = {
  waiting: 'waiting',
  running: 'running',
  finished: 'finished',
  early: 'stopped early',
  hand: 'stopped by hand',
  failed: 'failed',
  cancelled: 'cancelled',
};
/** Of trials on the Pareto front. */
const FRONT = ['front', 'pareto'];
const COMPARISON = /^(.+?)(<=|>=|!=|==|=|<|>)(.+)$/s;

/** Reads what was typed. The state is looked at when testing, so that "best" and "front" follow it. */
export function readFilter(text: string, state: State): Filter {
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  const tests = terms.map(
    term => readComparison(term, state) ?? ((trial: Trial) => mentions(trial, term, state)),
  );
  const unknown = () => terms.filter((_, i) => !state.trials.some(trial => tests[i]?.(trial)));
  return { test: trial => tests.every(test => test(trial)), unknown };
}

function readComparison(term: string, state: State): Test | null {
  const [, name, operator, right] = COMPARISON.exec(term) ?? [];
  if (!name || !operator || !right) return null;
  const value = readerOf(name, state);
  if (!value) return null;
  const number = Number(right);
  if (operator === '=' || operator === '==') return trial => same(value(trial), right, number);
  if (operator === '!=') return trial => value(trial) !== null && !same(value(trial), right, number);
  return trial => {
    const left = value(trial);
    return typeof left === 'number' && holds(left, operator, number);
  };
}

function readerOf(name: string, state: State): ((trial: Trial) => number | string | null) | null {
  const objective = state.objectives.findIndex(one => one.toLowerCase() === (objectiveName(name) ?? name));
  if (objective >= 0 || name === METRIC) return trial => toldOf(trial, Math.max(0, objective));
  if (name === 'trial') return trial => trial.number;
  if (name === 'step') return trial => trial.curve.lastStep;
  if (name === 'time') return trial => trial.duration;
  if (name === 'worker') return trial => state.workers.get(trial.worker ?? '')?.number ?? null;
  const own = axisName(name);
  const parameter = state.parameters.find(p => p.name.toLowerCase() === own);
  if (!parameter) return null;
  return trial => {
    const value = trial.params[parameter.name];
    return typeof value === 'number' ? value : value === undefined ? null : show(value);
  };
}

function holds(left: number, operator: string, right: number): boolean {
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function same(left: number | string | null, text: string, number: number): boolean {
  if (typeof left === 'number') return left === number || show(left) === text;
  return left !== null && left.toLowerCase() === text;
}

function mentions(trial: Trial, word: string, state: State): boolean {
  if (word === `#${trial.number}` || word === String(trial.number)) return true;
  if (trial === state.best && 'best'.startsWith(word)) return true;
  if (state.front.has(trial) && FRONT.some(one => one.startsWith(word))) return true;
  return texts(trial).some(text => text.toLowerCase().includes(word));
}

/** What words are looked for in: how it stands, categories, reasons, errors, who asked for it. */
function texts(trial: Trial): string[] {
  const categories = Object.values(trial.params).filter(value => typeof value !== 'number');
  const notes = [plain(trial.stopReason), plain(trial.error), trial.by === 'person' ? 'added by hand' : ''];
  return [WORDS[kindOf(trial)] ?? '', ...categories.map(show), ...notes];
}
