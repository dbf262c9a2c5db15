/** How a trial stands: a mark of its own shape, and words. */

import { plain } from '../format';
import { bestWord } from '../objectives';
import { type Kind, kindOf, type State, type Trial } from '../state';
import { h } from './dom';

export type Mark = Kind | 'best' | 'front' | 'todo';

export const KIND_WORDS: { [kind in Kind]: string } = {
  waiting: 'waiting',
  running: 'running',
  finished: 'finished',
  early: 'stopped early',
  hand: 'stopped by hand',
  failed: 'failed',
  cancelled: 'not completed',
};

export const ON_FRONT = 'on the Pareto front';

/** A small shape. The words beside it say the same; alone, it needs a label. */
export function markElement(mark: Mark): HTMLElement {
  return h('span', `maggy-mark maggy-mark-${mark}`, { 'aria-hidden': 'true' });
}

/** The mark of a trial in a list. */
export function markOf(trial: Trial, state: State): Mark {
  if (trial === state.best) return 'best';
  return state.front.has(trial) ? 'front' : kindOf(trial);
}

/** What the mark says, for those who do not see it. */
export function markWords(trial: Trial, state: State): string {
  const words = [trial === state.best ? bestWord(state) : '', state.front.has(trial) ? ON_FRONT : ''];
  return [...words, KIND_WORDS[kindOf(trial)]].filter(Boolean).join(', ');
}

/** What is to be said about a trial beyond its numbers. */
export function noteOf(trial: Trial, state: State): string {
  const notes = [
    trial === state.best ? bestNote(state) : '',
    state.front.has(trial) ? ON_FRONT : '',
    fate(trial),
  ];
  if (trial.by === 'person') notes.push('added by hand');
  if (trial.attempt > 1) notes.push(`attempt ${trial.attempt}`);
  return notes.filter(Boolean).join('; ');
}

function bestNote(state: State): string {
  return state.phase === 'ENDED' ? bestWord(state) : `${bestWord(state)} so far`;
}

function fate(trial: Trial): string {
  switch (kindOf(trial)) {
    case 'waiting':
      return 'waiting for a worker';
    case 'early':
      return plain(trial.stopReason) || 'stopped early';
    case 'hand':
      return plain(trial.stopReason) || 'stopped by hand';
    case 'failed':
      return plain(trial.error) || 'failed';
    case 'cancelled':
      return trial.status === 'CANCELLED' ? 'not started' : 'stopped with the search';
    default:
      return '';
  }
}
