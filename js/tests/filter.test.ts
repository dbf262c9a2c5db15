import { expect, it } from 'vitest';
import { readFilter } from '../src/filter';
import { State } from '../src/state';
import { Search } from './search';

const search = new Search()
  .worker('w1')
  .create('a', { lr: 0.01, kernel: 3, optimizer: 'adam' })
  .start('a', 'w1')
  .progress('a', [0.5, 0.9])
  .finish('a', 0.9)
  .create('b', { lr: 0.02, kernel: 5, optimizer: 'sgd' })
  .start('b', 'w1')
  .fail('b', 'MemoryError: too large')
  .create('c', { lr: 0.03, kernel: 7, optimizer: 'adam' }, 'person');

function passing(text: string): string {
  const state = new State();
  for (const record of search.records) state.apply(record);
  const { test } = readFilter(text, state);
  return state.trials
    .filter(test)
    .map(trial => trial.id)
    .join('');
}

it.each([
  ['', 'abc'],
  ['adam', 'ac'],
  ['ADAM  finished', 'a'],
  ['failed', 'b'],
  ['memoryerror', 'b'],
  ['waiting', 'c'],
  ['hand', 'c'],
  ['best', 'a'],
  ['2', 'b'],
  ['#3', 'c'],
  ['kernel>3', 'bc'],
  ['kernel>=3 kernel<7', 'ab'],
  ['kernel=5', 'b'],
  ['kernel!=5', 'ac'],
  ['optimizer=sgd', 'b'],
  ['optimizer!=sgd', 'ac'],
  ['metric>=0.9', 'a'],
  ['step>0', 'a'],
  ['worker=1', 'ab'],
  ['trial<3', 'ab'],
  ['kernel>many', ''],
  ['optimizer>3', ''],
  ['nonsense', ''],
  ['constructor=1', ''],
])('%j lets %j pass', (text, ids) => expect(passing(text)).toBe(ids));

it('names the words that match nothing', () => {
  const state = new State();
  for (const record of search.records) state.apply(record);
  expect(readFilter('adam foo kernel>99', state).unknown()).toEqual(['foo', 'kernel>99']);
});
