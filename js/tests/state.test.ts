import { describe, expect, it } from 'vitest';
import { kindOf, metricOf, type Record, State } from '../src/state';
import { Search } from './search';

function fold(records: Record[]): State {
  const state = new State();
  for (const record of records) state.apply(record);
  return state;
}

const running = () => new Search().worker('w1').create('a', { lr: 0.1 }).start('a', 'w1');

describe('State', () => {
  it('follows a trial from its creation to its end', () => {
    const state = fold(running().progress('a', [0.5, 0.7]).finish('a', 0.8).records);
    const [trial] = state.trials;
    expect(trial).toMatchObject({ id: 'a', number: 1, status: 'FINALIZED', finalMetric: 0.8, duration: 2 });
    expect(Array.from(trial?.curve.values.subarray(0, trial.curve.length) ?? [])).toEqual([0.5, 0.7]);
    expect(state.counts).toMatchObject({ FINALIZED: 1, RUNNING: 0, PENDING: 0 });
    expect(state.best).toBe(trial);
    expect(state.workers.get('w1')).toMatchObject({ trial: null, there: true });
  });

  it('keeps the last value of a stopped trial as its result', () => {
    const decided = running().progress('a', [0.5, 0.6]).decide('a', 'rule', 'below', 0.7);
    const state = fold(decided.stopped('a').records);
    expect(state.best).toMatchObject({
      finalMetric: 0.6,
      stopBy: 'rule',
      stopReason: 'below',
      stopLevel: 0.7,
    });
  });

  it.each([
    ['rule', 'early'],
    ['person', 'hand'],
    ['experiment', 'cancelled'],
  ])('shows a trial that was stopped by %s as %s', (by, kind) => {
    const [trial] = fold(running().decide('a', by, '').stopped('a').records).trials;
    expect(trial && kindOf(trial)).toBe(kind);
  });

  it('has no result where the last value of a stopped trial is not finite', () => {
    const search = running().progress('a', [0.5, Number.NaN]).decide('a', 'rule', '');
    const state = fold(search.stopped('a').records);
    expect(state.best).toBeNull();
    expect(state.trials[0] && metricOf(state.trials[0])).toBeNull();
  });

  it('finds the least metric best where the search minimises', () => {
    const search = new Search({ direction: 'min' }).worker('w1');
    for (const [id, metric] of [
      ['a', 3],
      ['b', 1],
      ['c', 2],
    ] as const)
      search.create(id).start(id, 'w1').finish(id, metric);
    expect(fold(search.records).best?.id).toBe('b');
  });

  it('forgets the curve of a trial that lost its worker', () => {
    const search = running()
      .progress('a', [0.9])
      .add({ type: 'TrialRequeued', trial: 'a', reason: 'lost', by: 'worker' });
    const state = fold(search.start('a', 'w1').progress('a', [0.1]).records);
    expect(state.trials[0]).toMatchObject({ attempt: 2, status: 'RUNNING' });
    expect(state.trials[0]?.curve.length).toBe(1);
    expect(state.trials[0]?.curve.last).toBe(0.1);
  });

  it('appends piece by piece without losing a point', () => {
    const search = running();
    const values = Array.from({ length: 1000 }, (_, i) => i / 7);
    for (const [i, value] of values.entries()) search.progress('a', [value], i);
    const curve = fold(search.records).trials[0]?.curve;
    expect(Array.from(curve?.values.subarray(0, 1000) ?? [])).toEqual(values);
    expect(curve?.lastStep).toBe(999);
  });

  it('refuses what cannot be, and stays as it was', () => {
    const { records } = running().finish('a', 1);
    const state = fold(records);
    const again: Record = { seq: 6, time: 0, type: 'TrialFinished', trial: 'a', value: 2, objectives: null };
    expect(() => state.apply(again)).toThrow('TrialFinished in status FINALIZED');
    expect(state.best?.finalMetric).toBe(1);
    expect(state.number).toBe(records.length);
  });

  it('is not moved by events and trials with the names of built-in things', () => {
    const state = fold(running().records);
    for (const type of ['constructor', 'toString', '__proto__'])
      expect(() => state.apply({ seq: 9, time: 0, type, trial: 'a' } as unknown as Record)).toThrow();
    expect(state.trials[0]?.status).toBe('RUNNING');
  });

  it('holds hyperparameters of any name, and only those', () => {
    const hostile = JSON.parse(
      '{"__proto__": 1, "constructor": 2, "<img src=x onerror=alert(1)>": "\\u0000"}',
    );
    const params = fold(new Search().create('__proto__', hostile).records).byId.get('__proto__')?.params;
    expect(Object.keys(params ?? {})).toEqual(['__proto__', 'constructor', '<img src=x onerror=alert(1)>']);
    expect(Object.values(params ?? {})).toEqual([1, 2, '\u0000']);
    expect(params?.toString).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty('1');
  });

  it('reads the search space', () => {
    expect(fold(new Search().records).parameters).toEqual([
      { name: 'lr', type: 'DOUBLE', values: [1e-4, 1e-1], log: true, step: null, when: [] },
      { name: 'kernel', type: 'INTEGER', values: [2, 8], log: false, step: null, when: [] },
      { name: 'optimizer', type: 'CATEGORICAL', values: ['adam', 'sgd'], log: false, step: null, when: [] },
    ]);
  });

  it('keeps the number of a worker that left', () => {
    const state = fold(
      running().finish('a', 1).add({ type: 'WorkerLeft', worker: 'w1', reason: '' }).records,
    );
    expect(state.workers.get('w1')).toMatchObject({ number: 1, there: false });
  });

  it('follows the number of trials, thresholds, and the end', () => {
    const search = new Search().add({ type: 'TrialsAdded', num_trials: 14 });
    search.add({ type: 'ThresholdsChanged', steps: [1, 2], values: [0.5, 'Infinity'] });
    search.add({ type: 'ExperimentStopping', reason: 'enough', failed: false });
    const state = fold(search.add({ type: 'ExperimentEnded', status: 'stopped', reason: 'enough' }).records);
    expect(state).toMatchObject({
      numTrials: 14,
      phase: 'ENDED',
      thresholds: { steps: [1, 2], values: [0.5, Infinity] },
    });
    expect(state.ended - state.started).toBe(4);
  });
});
