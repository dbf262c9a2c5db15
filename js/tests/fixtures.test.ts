/// <reference types="vite/client" />
// @vitest-environment happy-dom
/** The searches that Python's reducer is held to as well. */

import { describe, expect, it, vi } from 'vitest';
import { type Record, State } from '../src/state';
import { Store } from '../src/store';
import { FakeModel } from './fake';

const FILES = import.meta.glob<string>('../../tests/fixtures/*/*.json*', {
  query: '?raw',
  import: 'default',
  eager: true,
});

interface Expected {
  number: number;
  [field: string]: unknown;
  trials: { [field: string]: unknown }[];
  workers: { worker: string; [field: string]: unknown }[];
}

const SEARCHES = [...new Set(Object.keys(FILES).map(path => path.split('/').at(-2) ?? ''))];

function file(search: string, name: string): string {
  return FILES[`../../tests/fixtures/${search}/${name}`] ?? '';
}

function expected(search: string): Expected {
  return JSON.parse(file(search, 'state.json'));
}

function fold(lines: string): State {
  const state = new State();
  for (const line of lines.trim().split('\n')) state.apply(readRecord(line));
  return state;
}

/** A journal has the numbers of a curve in place. */
function readRecord(line: string): Record {
  return JSON.parse(line);
}

/** All that the browser keeps of Python's state. */
function described(state: State): unknown {
  const { type: _, ...settings } = state.settings ?? { type: '' };
  return {
    number: state.number,
    phase: state.phase,
    settings,
    num_trials: state.numTrials,
    objectives: state.objectives,
    total: state.total,
    counts: state.counts,
    best: state.best?.id ?? null,
    front: state.front.trials.map(trial => trial.id),
    dry: state.dry,
    dry_reason: state.dryReason,
    rule_error: state.ruleError,
    thresholds: state.thresholds.steps.length ? spelled(state.thresholds) : null,
    stopping: fields(state.stopping),
    end: fields(state.end),
    started: state.started,
    ended: state.ended,
    workers: [...state.workers]
      .map(([worker, known]) => ({ worker, ...known }))
      .sort((a, b) => a.number - b.number),
    trials: state.trials.map(trial => ({
      id: trial.id,
      by: trial.by,
      steps: [...trial.curve.steps.subarray(0, trial.curve.length)],
      values: spelled([...trial.curve.values.subarray(0, trial.curve.length)]),
      params: { ...trial.params },
      number: trial.number,
      status: trial.status,
      attempt: trial.attempt,
      worker: trial.worker,
      final_metric: trial.finalMetric,
      objectives:
        trial.objectives && Object.fromEntries(trial.objectives.map((v, i) => [state.objectives[i], v])),
      stop_by: trial.stopBy,
      stop_reason: trial.stopReason,
      stop_level: trial.stopLevel,
      parent: trial.parent,
      error: trial.error,
      traceback: trial.traceback,
      start: trial.start,
      duration: trial.duration,
    })),
  };
}

function fields(event: object | null): unknown {
  return (
    event &&
    Object.fromEntries(Object.entries(event).filter(([name]) => !['type', 'seq', 'time'].includes(name)))
  );
}

/** JSON has no word for what is not finite. */
function spelled(value: unknown): unknown {
  const text = JSON.stringify(value, (_, v) =>
    typeof v === 'number' && !Number.isFinite(v) ? String(v) : v,
  );
  return JSON.parse(text);
}

it('finds the recorded searches', () => {
  expect(SEARCHES.length).toBeGreaterThan(4);
});

describe.each(SEARCHES)('the recorded search %s', search => {
  const held = (state: State, number: number) => {
    const { pending: _p, idle: _i, stops: _s, settings, ...rest } = expected(search);
    const { settings: mine, ...ours } = described(state) as { settings: object };
    expect(ours).toEqual({ ...rest, number });
    expect(mine).toMatchObject(settings as object);
  };

  it('leads to the state that Python has', () => {
    held(fold(file(search, 'events.jsonl')), expected(search).number);
  });

  it('leads there the short way', () => {
    const short = fold(file(search, 'compact.jsonl'));
    held(short, short.number);
  });

  it('leads there by messages', () => {
    const warn = vi.spyOn(console, 'warn');
    const model = new FakeModel();
    const store = new Store(model);
    // A text that is no Unicode cannot travel.
    const wanted = file(search, 'state.json').replaceAll('\\ud800', '?');
    for (const { content, buffer } of JSON.parse(file(search, 'messages.json')))
      model.receive(content, [Uint8Array.from(atob(buffer), c => c.charCodeAt(0))]);
    store.dispose();
    const { pending: _p, idle: _i, stops: _s, settings: _t, ...rest } = JSON.parse(wanted);
    expect(described(store.state)).toMatchObject(rest);
    expect(warn).not.toHaveBeenCalled();
    expect(model.sent).toEqual([{ type: 'Sync' }]);
  });
});
