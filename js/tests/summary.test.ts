import { describe, expect, it } from 'vitest';
import { State } from '../src/state';
import {
  describe as about,
  bestOf,
  overviewOf,
  remaining,
  roughly,
  standing,
  troubles,
} from '../src/views/summary';
import { Search } from './search';

const LIVE = { kind: 'live', reason: '' } as const;

function fold(search: Search): State {
  const state = new State();
  for (const record of search.records) state.apply(record);
  return state;
}

/** One trial of 2 s has ended, one runs since second 1007, of 4. */
const running = () =>
  new Search()
    .worker('w1')
    .create('a')
    .start('a', 'w1')
    .progress('a', [0.5])
    .finish('a', 0.8)
    .create('b')
    .start('b', 'w1');

describe('the best', () => {
  it('is a value of a running trial before the first one ended', () => {
    const search = new Search().worker('w1').create('a').start('a', 'w1');
    expect(bestOf(fold(search))).toBeNull();
    expect(bestOf(fold(search.progress('a', [0.4, 0.7, Number.NaN, 0.6])))).toMatchObject({
      metric: 0.7,
      running: true,
    });
  });

  it('is that of the trials that ended, as soon as one has', () => {
    expect(bestOf(fold(running().progress('b', [0.9])))).toMatchObject({ metric: 0.8, running: false });
  });
});

describe('the time that remains', () => {
  it('goes by the mean of the trials that ended, and by workers', () => {
    const state = fold(running());
    expect(remaining(state, 1007)).toBe(2 * 2 + 2);
    expect(remaining(state, 1008)).toBe(2 * 2 + 1);
    expect(remaining(fold(running().worker('w2')), 1007)).toBe(3);
  });

  it('is not known before a trial ended, without workers, and after the end', () => {
    expect(remaining(fold(new Search().worker('w1')), 1007)).toBeNull();
    const gone = running().finish('b', 1).add({ type: 'WorkerLeft', worker: 'w1', reason: '' });
    expect(remaining(fold(gone), 1007)).toBeNull();
    const over = running().finish('b', 1).add({ type: 'ExperimentEnded', status: 'finished', reason: '' });
    expect(remaining(fold(over), 1007)).toBeNull();
  });

  it('counts no trials that the optimizer will not give', () => {
    const dry = running().add({ type: 'SuggestionsEnded', error: null });
    expect(remaining(fold(dry), 1007)).toBe(2);
  });

  it.each([
    [3.2, '4 s'],
    [32, '40 s'],
    [700, '12 min'],
    [9100, '2.5 h'],
  ])('%d seconds are about %s', (seconds, text) => expect(roughly(seconds).join(' ')).toBe(text));
});

describe('how the search stands', () => {
  it('is told in a word', () => {
    const word = (search: Search, connection: Parameters<typeof standing>[1] = LIVE) =>
      standing(fold(search), connection).word;
    expect(word(new Search())).toBe('Waiting for workers');
    expect(word(running())).toBe('Running');
    expect(word(running(), { kind: 'lost', reason: '' })).toBe('Disconnected');
    expect(word(running(), { kind: 'waiting', reason: '' })).toBe('Connecting');
    const stopping = running().add({ type: 'ExperimentStopping', reason: 'enough', failed: false });
    expect(word(stopping)).toBe('Stopping');
    const over = running()
      .finish('b', 1)
      .add({ type: 'ExperimentEnded', status: 'stopped', reason: 'enough' });
    expect(word(over)).toBe('Stopped');
    expect(word(over, { kind: 'lost', reason: '' })).toBe('Stopped');
  });

  it('says what is searched', () => {
    expect(
      about(fold(new Search({ optimizer: 'RandomSearch', es_policy: 'MedianRule', direction: 'min' }))),
    ).toBe('Random search, median rule, minimise metric');
    expect(about(fold(new Search({ es_policy: 'none' })))).toBe(
      'Random search, no early stopping, maximise metric',
    );
  });

  it.each<[string, Search, Parameters<typeof standing>[1], string]>([
    ['workers', new Search(), LIVE, 'Waiting for workers for 0:30'],
    [
      'lost workers',
      new Search().worker('w').add({ type: 'WorkerLeft', worker: 'w', reason: 'lost' }),
      LIVE,
      'are gone',
    ],
    ['the link', running(), { kind: 'lost', reason: 'The kernel died.' }, 'The kernel died. This is how'],
    [
      'the rule',
      running().add({ type: 'EarlyStopDisabled', error: 'KeyError' }),
      LIVE,
      'the rule failed: KeyError.',
    ],
    [
      'the optimizer',
      running().add({ type: 'SuggestionsEnded', error: 'KeyError' }),
      LIVE,
      'optimizer failed',
    ],
    [
      'stopping',
      running().add({ type: 'ExperimentStopping', reason: 'enough', failed: false }),
      LIVE,
      'waiting for 1 running trial',
    ],
    [
      'failure',
      running()
        .finish('b', 1)
        .add({ type: 'ExperimentEnded', status: 'failed', reason: 'too many failures' }),
      LIVE,
      'The search failed: too many failures.',
    ],
  ])('names trouble with %s', (_, search, connection, text) => {
    const found = troubles(fold(search), connection, 1030).map(trouble => trouble.text);
    expect(found).toEqual([expect.stringContaining(text)]);
  });

  it('says what it waits for at the start', () => {
    const said = (state: State) => troubles(state, LIVE, 1001).map(trouble => trouble.text);
    expect(said(new State())).toEqual(['The search begins as soon as Spark is up.']);
    expect(said(fold(new Search()))).toEqual(['Spark is starting the first worker.']);
  });

  it('has nothing to say when all is well', () => expect(troubles(fold(running()), LIVE, 1030)).toEqual([]));

  it('looks at all trials anew when something happened', () => {
    const search = running();
    const state = fold(search);
    expect(overviewOf(state).counts).toMatchObject({ running: 1, finished: 1 });
    for (const record of search.finish('b', 1).since(8)) state.apply(record);
    expect(overviewOf(state).counts).toMatchObject({ running: 0, finished: 2 });
  });
});
