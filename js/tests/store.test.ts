// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Store } from '../src/store';
import { FakeModel } from './fake';
import { Search } from './search';

const SYNC = { type: 'Sync' };

function search(): Search {
  const s = new Search().worker('w1').create('a', { lr: 0.01, kernel: 3, optimizer: 'adam' });
  return s.start('a', 'w1').progress('a', [0.5, 0.6]);
}

function seen(s = search(), traits = {}) {
  const model = new FakeModel(traits);
  const store = new Store(model);
  model.snapshot(s.records, 2000);
  model.sent.length = 0;
  return { model, store, search: s };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the link', () => {
  it('asks for a snapshot at once, and again until it comes', () => {
    const model = new FakeModel();
    const store = new Store(model);
    expect(model.sent).toEqual([SYNC]);
    vi.advanceTimersByTime(3100);
    expect(model.sent).toEqual([SYNC, SYNC]);
    expect(store.connection).toMatchObject({
      kind: 'waiting',
      reason: expect.stringContaining('does not answer'),
    });
    model.snapshot(search().records);
    vi.advanceTimersByTime(600_000);
    expect(model.sent).toEqual([SYNC, SYNC]);
    expect(store.connection).toEqual({ kind: 'live', reason: '' });
  });

  it('takes in snapshot and frames, and their curves', () => {
    const { model, store, search } = seen();
    model.frame(search.progress('a', [0.7, Number.NaN], 2).finish('a', 0.7).since(5), 2001);
    const [trial] = store.state.trials;
    expect(Array.from(trial?.curve.values.subarray(0, 4) ?? [])).toEqual([0.5, 0.6, 0.7, Number.NaN]);
    expect(Array.from(trial?.curve.steps.subarray(0, 4) ?? [])).toEqual([0, 1, 2, 3]);
    expect(store.state.number).toBe(7);
    expect(store.state.best).toBe(trial);
  });

  it('takes in nothing twice', () => {
    const { model, store, search } = seen();
    model.frame(search.records);
    model.frame(search.progress('a', [0.7], 2).since(3));
    expect(store.state.trials[0]?.curve.length).toBe(3);
    model.snapshot(search.records);
    expect(store.state.trials[0]?.curve.length).toBe(3);
  });

  it('asks once after a gap, again after 3 s, and goes on from the snapshot', () => {
    const { model, store, search } = seen();
    search.progress('a', [0.7], 2).progress('a', [0.8], 3).progress('a', [0.9], 4);
    model.frame(search.since(6));
    model.frame(search.since(7));
    expect(model.sent).toEqual([SYNC]);
    expect(store.state.number).toBe(5);
    vi.advanceTimersByTime(3100);
    expect(model.sent).toEqual([SYNC, SYNC]);
    model.snapshot(search.records);
    expect(store.state.number).toBe(8);
    model.frame(search.finish('a', 1).since(8));
    expect(store.state.best?.finalMetric).toBe(1);
    expect(model.sent).toHaveLength(2);
  });

  it('keeps the trials it knows when a snapshot for another view comes by', () => {
    const { model, store, search } = seen();
    const [trial] = store.state.trials;
    model.snapshot(search.records);
    expect(store.state.trials[0]).toBe(trial);
  });

  it.each([
    ['nothing', null, []],
    ['a text', 'Snapshot', []],
    ['an unknown type', { type: 'constructor' }, []],
    ['a frame without records', { type: 'Frame', first: 6, last: 6, time: 0 }, []],
    ['too many numbers', { type: 'Frame', first: 6, last: 6, time: 0, records: [] }, [new Float64Array(2)]],
    ['half a number', { type: 'Frame', first: 6, last: 6, time: 0, records: [] }, [new Uint8Array(3)]],
    [
      'too few numbers',
      {
        type: 'Frame',
        first: 6,
        last: 6,
        time: 0,
        records: [{ seq: 6, time: 0, type: 'TrialProgressed', trial: 'a', points: 3 }],
      },
      [new Float64Array(2)],
    ],
    [
      'no buffers',
      { type: 'Frame', first: 6, last: 6, time: 0, records: [{ type: 'TrialProgressed', points: 3 }] },
      undefined,
    ],
  ])('warns of %s and stays as it was', (_, content, buffers) => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const { model, store } = seen();
    model.receive(content, buffers);
    expect(warn).toHaveBeenCalledOnce();
    expect(store.state.number).toBe(5);
    expect(store.state.trials[0]?.curve.length).toBe(2);
  });

  it('passes over one event that does not fit, and shows the rest', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const { model, store, search } = seen();
    model.frame(search.finish('unknown', 1).create('b').since(5));
    expect(warn).toHaveBeenCalledOnce();
    expect(store.state.trials).toHaveLength(2);
  });

  it('says what is the matter when the experiment is gone', () => {
    const { model, store } = seen();
    model.receive({ type: 'Closed', reason: 'the driver died' });
    expect(store.connection).toEqual({ kind: 'lost', reason: 'the driver died' });
    store.disconnected('The kernel was restarted.');
    expect(store.connection.reason).toBe('The kernel was restarted.');
    expect(store.state.trials).toHaveLength(1);
  });

  it('goes by the clock of the driver, until it is out of reach', () => {
    vi.setSystemTime(5_000_000);
    const { store } = seen();
    vi.advanceTimersByTime(500);
    vi.setSystemTime(9_000_000); // the browser's own clock is set meanwhile
    vi.advanceTimersByTime(1000);
    expect(store.now()).toBeCloseTo(2001.5);
    store.disconnected('The kernel was restarted.');
    vi.advanceTimersByTime(1500);
    expect(store.now()).toBeCloseTo(2001.5);
  });
});

describe('what a person chooses', () => {
  it('tells listeners once per animation frame', () => {
    const { model, store, search } = seen();
    vi.runAllTimers();
    const listener = vi.fn();
    const end = store.subscribe(listener);
    model.frame(search.create('b').since(5));
    model.frame(search.create('c').since(6));
    store.select('b');
    expect(listener).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(listener.mock.calls).toEqual([[{ state: true, ui: true }]]);
    end();
    store.select('c');
    vi.runAllTimers();
    expect(listener).toHaveBeenCalledOnce();
  });

  it('shares the selection with the model in both directions', () => {
    const { model, store } = seen(search(), { selected: 'a' });
    expect(store.ui.selected).toBe('a');
    store.select(null);
    expect(model.get('selected')).toBe('');
    model.set('selected', 'a');
    expect(store.ui.selected).toBe('a');
  });

  it('does not write to a model without the trait', () => {
    const { model, store } = seen();
    store.select('a');
    expect(model.traits.has('selected')).toBe(false);
  });

  it('lets trials through that lie in all brushes', () => {
    const { store } = seen(search().create('b', { lr: 0.05, kernel: 3, optimizer: 'sgd' }));
    const passing = () => store.state.trials.filter(trial => store.passes(trial)).map(trial => trial.id);
    store.brush('param:lr', { low: 0.01, high: 0.02 });
    expect(passing()).toEqual(['a']);
    store.brush('param:lr', { low: 0.01, high: 0.05 });
    expect(passing()).toEqual(['a', 'b']);
    store.brush('param:optimizer', { choices: new Set(['sgd']) });
    expect(passing()).toEqual(['b']);
    store.brush('param:optimizer', null);
    store.brush('metric', { low: 0.6, high: 1 });
    expect(passing()).toEqual(['a']);
  });

  it('brushes hyperparameters of any name, and choices that are shown alike', () => {
    const searchspace = { metric: ['DOUBLE', [0, 9]], kind: ['CATEGORICAL', ['None', null]] };
    const search = new Search({ searchspace }).worker('w');
    search.create('a', { metric: 7, kind: null }).start('a', 'w').finish('a', 0.1);
    search.create('b', { metric: 2, kind: 'None' }).start('b', 'w').finish('b', 0.9);
    const { store } = seen(search);
    const passing = () => store.state.trials.filter(trial => store.passes(trial)).map(trial => trial.id);
    store.brush('metric', { low: 0.5, high: 1 });
    expect(passing()).toEqual(['b']);
    store.brush('param:metric', { low: 5, high: 9 });
    expect(passing()).toEqual([]);
    store.escape();
    expect(passing()).toEqual(['a', 'b']);
    store.setFilter('param:metric>5');
    expect(passing()).toEqual(['a']);
    store.setFilter('');
    store.brush('param:kind', { choices: new Set(['None']) });
    expect(passing()).toEqual(['a']);
  });

  it('follows a trial that changes', () => {
    const { model, store, search } = seen();
    const passes = () => store.state.trials.map(trial => store.passes(trial));
    store.setFilter('metric>=0.7');
    expect(passes()).toEqual([false]);
    model.frame(search.progress('a', [0.7], 2).since(5));
    expect(passes()).toEqual([true]);
    store.setFilter('failed');
    expect(passes()).toEqual([false]);
    model.frame(search.fail('a', 'KeyError').since(6));
    expect(passes()).toEqual([true]);
  });

  it('remembers which trials were told to stop until they answer', () => {
    const { model, store, search } = seen();
    store.request({ type: 'StopTrial', trial: 'a', reason: 'by hand' });
    expect([...store.asked]).toEqual(['a']);
    model.frame(search.decide('a', 'person', 'by hand').since(5));
    expect(store.asked.size).toBe(0);
  });

  it('says what was refused, until the next request', () => {
    const { model, store } = seen();
    store.request({ type: 'StopTrial', trial: 'a', reason: '' });
    model.receive({ type: 'Refused', request: 'StopTrial', reason: 'trial 1 has ended' });
    expect(store.notice).toBe('trial 1 has ended');
    expect(store.asked.size).toBe(0);
    store.request({ type: 'AddTrials', count: 10 });
    expect(store.notice).toBeNull();
  });

  it('keeps the log that was read', () => {
    const { model, store } = seen();
    expect(store.log('a')).toBeUndefined();
    model.receive({ type: 'Log', trial: 'a', text: 'epoch 1', missing: 12 });
    expect(store.log('a')).toEqual({ text: 'epoch 1', missing: 12 });
  });

  it('hears nothing more after it was disposed of', () => {
    const { model, store, search } = seen();
    store.dispose();
    model.frame(search.create('b').since(5));
    vi.advanceTimersByTime(60_000);
    expect(store.state.trials).toHaveLength(1);
    expect(model.sent).toEqual([]);
  });
});
