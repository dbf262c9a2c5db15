/** What the header says about a search, computed from its state. Pure. */

import { clock, plain } from '../format';
import { goalWords } from '../objectives';
import { isIdea, type Kind, kindOf, type State, type Trial } from '../state';
import type { Connection } from '../store';

export type Counts = { [kind in Kind]: number };

/** What one look at all trials tells. */
export interface Overview {
  /** Without the optimizer's ideas. */
  counts: Counts;
  /** How many trials are listed: all but the ideas. */
  listed: number;
  /** How many were ever given to a worker. */
  begun: number;
  running: Trial[];
  /** The longest curve of a trial that finished, in steps from 0: what progress is measured by. */
  longest: number;
  /** Of the trials that ended: how many took time, and how many seconds in all. */
  ended: number;
  seconds: number;
}

const known = new WeakMap<State, { number: number; overview: Overview }>();

/** Looks at all trials, once for each event that came. */
export function overviewOf(state: State): Overview {
  const last = known.get(state);
  if (last?.number === state.number) return last.overview;
  const overview = look(state);
  known.set(state, { number: state.number, overview });
  return overview;
}

function look(state: State): Overview {
  const counts: Counts = { waiting: 0, running: 0, finished: 0, early: 0, hand: 0, failed: 0, cancelled: 0 };
  const overview: Overview = { counts, listed: 0, begun: 0, running: [], longest: 0, ended: 0, seconds: 0 };
  for (const trial of state.trials) {
    if (isIdea(trial)) continue;
    overview.listed++;
    if (trial.attempt > 0) overview.begun++;
    const kind = kindOf(trial);
    counts[kind]++;
    if (kind === 'running') overview.running.push(trial);
    if (kind === 'finished') overview.longest = Math.max(overview.longest, trial.curve.lastStep ?? 0);
    if (trial.duration === null) continue;
    overview.ended++;
    overview.seconds += trial.duration;
  }
  return overview;
}

export interface Best {
  trial: Trial;
  metric: number;
  /** Whether the trial still runs, so that the metric is the best value of its curve so far. */
  running: boolean;
}

/** The best trial; before the first one ended, the best value so far of one that runs. */
export function bestOf(state: State): Best | null {
  const { best } = state;
  if (best && best.finalMetric !== null) return { trial: best, metric: best.finalMetric, running: false };
  let found: Best | null = null;
  for (const trial of overviewOf(state).running) {
    const metric = bestValue(trial, state);
    if (metric !== null && (!found || state.beats(metric, found.metric)))
      found = { trial, metric, running: true };
  }
  return found;
}

/** The best finite value of the trial's curve. */
export function bestValue(trial: Trial, state: State): number | null {
  let best: number | null = null;
  for (const value of trial.curve.values.subarray(0, trial.curve.length))
    if (Number.isFinite(value) && (best === null || state.beats(value, best))) best = value;
  return best;
}

/** How much of a trial's way is done, from 0 to 1, as far as other trials tell; 0 where they do not. */
export function progressOf(trial: Trial, longest: number): number {
  const step = trial.curve.lastStep;
  return step === null || longest <= 0 ? 0 : Math.min(1, step / longest);
}

/** Workers that are there, and how many of them have a trial. */
export function workersOf(state: State): { busy: number; there: number } {
  const there = [...state.workers.values()].filter(worker => worker.there);
  return { busy: there.filter(worker => worker.trial !== null).length, there: there.length };
}

/**
 * Seconds until the search is over, as if each trial still to run took as long as the mean of those that
 * ended; null where nothing can be said.
 */
export function remaining(state: State, now: number): number | null {
  if (state.phase !== 'RUNNING') return null;
  const { there } = workersOf(state);
  const { running, ended, seconds: taken } = overviewOf(state);
  if (!there || !ended) return null;
  const mean = taken / ended;
  const left = running.map(trial => Math.max(0, mean - (now - (trial.start ?? now))));
  const waiting = toCome(state) + overviewOf(state).counts.waiting;
  const work = waiting * mean + left.reduce((sum, seconds) => sum + seconds, 0);
  return Math.max(work / there, ...left);
}

/** How many trials are not yet listed, of those planned. */
export function toCome(state: State): number {
  return state.phase === 'RUNNING' ? Math.max(0, state.total - overviewOf(state).listed) : 0;
}

/** 40 -> ["40", "s"], 700 -> ["12", "min"], 9000 -> ["2.5", "h"]. */
export function roughly(seconds: number): [string, string] {
  if (seconds < 10) return [String(Math.max(1, Math.ceil(seconds))), 's'];
  if (seconds < 55) return [String(Math.ceil(seconds / 10) * 10), 's'];
  if (seconds < 90 * 60) return [String(Math.max(1, Math.round(seconds / 60))), 'min'];
  return [String(Math.round(seconds / 1800) / 2), 'h'];
}

/** How the search stands, in a word or two, with the mark that goes with it. */
export function standing(state: State, connection: Connection): { word: string; mark: Kind } {
  if (connection.kind === 'waiting') return { word: 'Connecting', mark: 'waiting' };
  if (state.end) return ENDS[state.end.status] ?? { word: plain(state.end.status), mark: 'finished' };
  if (connection.kind === 'lost') return { word: 'Disconnected', mark: 'failed' };
  if (state.phase === 'STOPPING') return { word: 'Stopping', mark: 'running' };
  if (state.phase === 'NEW') return { word: 'Starting', mark: 'waiting' };
  if (!workersOf(state).there) return { word: 'Waiting for workers', mark: 'waiting' };
  return { word: 'Running', mark: 'running' };
}

const ENDS: { [status: string]: { word: string; mark: Kind } } = {
  finished: { word: 'Finished', mark: 'finished' },
  stopped: { word: 'Stopped', mark: 'hand' },
  failed: { word: 'Failed', mark: 'failed' },
};

/** What is searched and how: "Random search, median rule, maximise accuracy, minimise latency". */
export function describe(state: State): string {
  const { settings } = state;
  if (!settings) return '';
  const rule = settings.es_policy === 'none' ? 'no early stopping' : words(settings.es_policy);
  return capital([words(settings.optimizer), rule, goalWords(state)].join(', '));
}

/** What a person should know about the state of affairs; each in a sentence. */
export function troubles(
  state: State,
  connection: Connection,
  now: number,
): { text: string; bad: boolean }[] {
  const found: { text: string; bad: boolean }[] = [];
  const say = (text: string, bad = false) => void found.push({ text, bad });
  if (connection.kind === 'lost' && !state.end)
    say(`${sentence(connection.reason)} This is how the search stood.`, true);
  if (connection.kind === 'waiting') say(sentence(connection.reason));
  else if (state.phase === 'NEW') say('The search begins as soon as Spark is up.');
  if (state.end?.status === 'failed')
    say(sentence(`The search failed: ${plain(state.end.reason, 500)}`), true);
  else if (state.end && state.end.status !== 'finished')
    say(sentence(`Stopped: ${plain(state.end.reason, 500)}`));
  else if (!state.end && state.stopping) say(stopping(state));
  if (state.phase === 'RUNNING' && connection.kind === 'live') {
    if (!workersOf(state).there) say(noWorkers(state, now));
    if (state.dryReason)
      say(sentence(`The optimizer failed, so no more trials come: ${plain(state.dryReason, 500)}`), true);
  }
  if (state.ruleError)
    say(sentence(`Early stopping is off, as the rule failed: ${plain(state.ruleError, 500)}`), true);
  return found;
}

function stopping(state: State): string {
  const open = state.counts.RUNNING + state.counts.STOPPING;
  const why = plain(state.stopping?.reason, 500);
  const wait = open ? `waiting for ${open} running ${open === 1 ? 'trial' : 'trials'} to end` : 'ending';
  return sentence(`Stopping (${why}): ${wait}; results are kept`);
}

function noWorkers(state: State, now: number): string {
  if (state.workers.size > 0)
    return 'All workers are gone. The search goes on as soon as Spark has started others.';
  const waited = now - state.started;
  if (waited < 10) return 'Spark is starting the first worker.';
  return `Waiting for workers for ${clock(waited)}: Spark has none for this search yet. Other jobs may hold the cluster's cores.`;
}

/** RandomSearch -> random search. */
function words(name: string): string {
  const known = name === 'none' ? 'no optimizer' : name === 'randomsearch' ? 'random search' : name;
  return plain(known.replace(/([a-z])([A-Z])/g, '$1 $2'), 60).toLowerCase();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
