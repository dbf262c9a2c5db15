/** What charts say about trials, in words. */

import { plain, show, showMetric } from '../format';
import { bestWord, furtherOf, metricName, toldOf } from '../objectives';
import { kindOf, metricOf, type State, type Trial } from '../state';
import { KIND_WORDS, ON_FRONT } from '../views/marks';
import { valueAt } from './hit';
import type { Scale } from './scale';
import { short } from './ticks';
import type { Note } from './tooltip';

/** A metric with as many digits as the scale can tell apart. */
export function metricText(value: number, scale: Scale): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1e5 || (size < 1e-3 && scale.spacing !== 'spread'))
    return short(value);
  if (scale.spacing === 'log') return short(value);
  if (scale.spacing === 'spread' && value < 1 && value > 0)
    return value.toFixed(Math.min(8, Math.max(3, 1 + Math.ceil(-Math.log10(1 - value)))));
  const finest = (scale.high / 2 - scale.low / 2) / 150;
  return value.toFixed(Math.min(8, Math.max(0, -Math.floor(Math.log10(finest)))));
}

/** The stopping rule's name for people: "MedianRule" is the median rule; null where there is none. */
export function ruleName(state: State): string | null {
  const policy = state.settings?.es_policy ?? 'none';
  if (policy === 'none') return null;
  const bare = plain(policy, 30).replace(/(Stopping)?Rule$|(Early)?Stop(ping)?$/, '');
  return bare.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase() || 'rule';
}

/** On which side of its threshold the rule stops. */
export function stopSide(state: State): 'below' | 'above' {
  return state.settings?.direction === 'min' ? 'above' : 'below';
}

/** Why no threshold is drawn yet; empty where one is, or none ever will be. */
export function ruleNote(state: State): string {
  const name = ruleName(state);
  if (!name || !state.settings || state.phase !== 'RUNNING' || state.ruleError) return '';
  if (state.thresholds.steps.length > 0) return '';
  const finished = state.counts.FINALIZED + state.counts.STOPPED;
  const needed = state.settings.es_min;
  const rule = name === 'rule' ? 'Stopping rule' : `${name[0]?.toUpperCase()}${name.slice(1)} rule`;
  return finished < needed ? `${rule} starts after ${needed} finished trials, ${finished} so far` : '';
}

/** "#39 running" and, of the best, "#40 best"; where there are several objectives, "#41 on the Pareto front", too. */
export function titleOf(trial: Trial, state: State): string {
  const best = trial === state.best ? bestWord(state) : '';
  const front = state.front.has(trial) ? ON_FRONT : '';
  return `#${trial.number} ${[best, front].filter(Boolean).join(', ') || KIND_WORDS[kindOf(trial)]}`;
}

/** "accuracy 0.911, latency 8.02"; that of the metric in digits of the scale. Empty where there is none yet. */
function objectiveWords(trial: Trial, state: State, scale: Scale): string {
  const metric = metricOf(trial);
  if (metric === null) return '';
  const others = furtherOf(state).flatMap(({ name, index }) => {
    const value = toldOf(trial, index);
    return value === null ? [] : [`${plain(name, 28)} ${showMetric(value)}`];
  });
  return [`${plain(metricName(state), 28)} ${metricText(metric, scale)}`, ...others].join(', ');
}

/** What is to be said about a trial beside the pointer, and to screen readers. */
export function noteOn(trial: Trial, state: State, scale: Scale): Note {
  const told = objectiveWords(trial, state, scale);
  return {
    title: titleOf(trial, state),
    strong: told || undefined,
    muted: told ? undefined : `no ${plain(metricName(state), 28)} yet`,
    words: paramWords(trial, state),
  };
}

export function paramWords(trial: Trial, state: State, most = 12): string[] {
  const names = state.parameters.map(parameter => parameter.name).filter(name => name in trial.params);
  const words = names.slice(0, most).map(name => `${plain(name, 28)} ${plain(show(trial.params[name]), 28)}`);
  return names.length > most ? [...words, `and ${names.length - most} more`] : words;
}

/** "0.007 above the median 0.896"; empty where there is no threshold at the step. */
export function distanceWords(value: number, step: number, state: State, scale: Scale): string {
  const { steps, values } = state.thresholds;
  const level = valueAt(steps, values, steps.length, step);
  const name = ruleName(state);
  if (!name || !Number.isFinite(level) || !Number.isFinite(value)) return '';
  const side = value < level ? 'below' : 'above';
  return `${metricText(Math.abs(value - level), flat(scale))} ${side} the ${name} ${metricText(level, scale)}`;
}

/** A difference is no place on a scale that spreads the top. */
function flat(scale: Scale): Scale {
  return scale.spacing === 'spread' ? { ...scale, spacing: 'linear', low: 0, high: 0.5 } : scale;
}

/** One sentence for those who do not see the chart. */
export function summary(state: State, what: string): string {
  const { counts, best } = state;
  const running = counts.RUNNING + counts.STOPPING;
  const parts = [`${what} of ${state.trials.length} trials`, `${running} running`];
  if (counts.ERROR > 0) parts.push(`${counts.ERROR} failed`);
  if (best?.finalMetric != null)
    parts.push(`${bestWord(state)} is trial ${best.number} with ${short(best.finalMetric, 4)}`);
  if (state.front.trials.length) parts.push(`${state.front.trials.length} ${ON_FRONT}`);
  return `${parts.join(', ')}.`;
}
