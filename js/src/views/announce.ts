/** Tells screen readers what happened: politely, rarely, several things in one. */

import { plain, showMetric } from '../format';
import { hasSeveral, metricName } from '../objectives';
import { kindOf, type State } from '../state';
import { h, setText } from './dom';

/** Milliseconds between two announcements. */
const PAUSE = 10_000;

export interface Announcer {
  element: HTMLElement;
  update(state: State, now: number): void;
}

export function announcer(): Announcer {
  const element = h('div', 'maggy-unseen', { role: 'status', 'aria-live': 'polite' });
  let last = Number.NEGATIVE_INFINITY;
  let told: Told | null = null;
  const update = (state: State, now: number) => {
    if (now - last < PAUSE) return;
    const current = tell(state);
    // What was there when the view came is no news.
    const news = told ? newsOf(told, current) : [];
    told = current;
    if (!news.length) return;
    last = now;
    setText(element, news.join('. '));
  };
  return { element, update };
}

interface Told {
  best: string;
  front: string;
  early: number;
  hand: number;
  failed: number;
  end: string;
}

function tell(state: State): Told {
  const told: Told = { best: '', front: '', early: 0, hand: 0, failed: 0, end: state.end?.status ?? '' };
  const { best } = state;
  if (best?.finalMetric != null)
    told.best = `New best: ${plain(metricName(state), 40)} ${showMetric(best.finalMetric)}, trial ${best.number}`;
  const { length } = state.front.trials;
  if (hasSeveral(state) && length)
    told.front = `The Pareto front has ${length} ${length === 1 ? 'trial' : 'trials'}`;
  for (const trial of state.trials) {
    const kind = kindOf(trial);
    if (kind === 'early' || kind === 'hand' || kind === 'failed') told[kind]++;
  }
  return told;
}

function newsOf(before: Told, after: Told): string[] {
  const news: string[] = [];
  if (after.best !== before.best) news.push(after.best);
  if (after.front !== before.front) news.push(after.front);
  const say = (count: number, words: string) => {
    if (count > 0) news.push(`${count} ${count === 1 ? 'trial' : 'trials'} ${words}`);
  };
  say(after.early - before.early, 'stopped early');
  say(after.hand - before.hand, 'stopped by hand');
  say(after.failed - before.failed, 'failed');
  if (after.end !== before.end)
    news.push(`The search is ${after.end === 'failed' ? 'over: it failed' : after.end}`);
  return news;
}
