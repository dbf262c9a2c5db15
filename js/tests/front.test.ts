import { expect, it } from 'vitest';
import { State, type Trial } from '../src/state';
import { Search } from './search';

type Told = readonly number[];

/** A search whose trials told these objectives, in the given order of their ends. */
function after(told: readonly Told[], directions: string[], order = told.map((_, i) => i)): State {
  const search = new Search({ direction: directions[0] as string, directions }).worker('w1');
  told.forEach((_, i) => {
    search.create(`t${i}`);
  });
  for (const i of order) {
    const values = told[i] as Told;
    const named = Object.fromEntries(directions.map((_, k) => [`objective${k}`, values[k] as number]));
    search.start(`t${i}`, 'w1').finish(`t${i}`, values[0] as number, named);
  }
  const state = new State();
  for (const record of search.records) state.apply(record);
  return state;
}

const names = (state: State) => state.front.trials.map(trial => trial.id);

/** By the definition: none is better in one objective and as good in all others. */
function surpassed(told: readonly Told[], directions: string[]): Set<string> {
  const signs = directions.map(direction => (direction === 'max' ? 1 : -1));
  const ahead = (a: Told, b: Told) => a.map((value, k) => (signs[k] as number) * (value - (b[k] as number)));
  const over = (a: Told, b: Told) => ahead(a, b).every(by => by >= 0) && ahead(a, b).some(by => by > 0);
  return new Set(told.flatMap((b, i) => (told.some(a => over(a, b)) ? [`t${i}`] : [])));
}

it('has the best by the first objective first, equal ones by their numbers', () => {
  const told = [
    [0.5, 1],
    [0.9, 8],
    [0.5, 1],
    [0.7, 4],
    [0.7, 5],
  ];
  expect(names(after(told, ['max', 'min']))).toEqual(['t1', 't3', 't0', 't2']);
  expect(names(after(told, ['max', 'min'], [4, 3, 2, 1, 0]))).toEqual(['t1', 't3', 't0', 't2']);
  expect(names(after(told, ['min', 'max']))).toEqual(['t0', 't2', 't4', 't1']);
});

it('is of one trial where that surpasses all others, which are told', () => {
  const before = after([[0.5, 5]], ['max', 'min']);
  const [first] = before.trials as [Trial];
  const revision = first.revision;
  const search = new Search().worker('w2').create('x').create('best').start('best', 'w2');
  const [, joined, , created, started] = search.records;
  for (const record of [joined, { ...created, number: 2 }, started]) before.apply(record as never);
  before.apply(search.finish('best', 0.9, { objective0: 0.9, objective1: 1 }).records[5] as never);
  expect(names(before)).toEqual(['best']);
  expect(before.front.has(first)).toBe(false);
  expect(first.revision).toBeGreaterThan(revision);
});

it.each([
  [2, ['max', 'min']],
  [2, ['min', 'min']],
  [3, ['max', 'min', 'max']],
])('grows to what the definition says, of %i objectives %j', (count, directions) => {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed;
  };
  for (let round = 0; round < 40; round++) {
    const told = Array.from({ length: 12 }, () => Array.from({ length: count }, () => random() % 5));
    const state = after(told, directions);
    const lost = surpassed(told, directions);
    const expected = state.trials.map(trial => trial.id).filter(id => !lost.has(id));
    expect([...names(state)].sort()).toEqual(expected.sort());
    expect(
      state.trials
        .filter(trial => state.front.has(trial))
        .map(trial => trial.id)
        .sort(),
    ).toEqual(expected);
  }
});
