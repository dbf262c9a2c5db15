// @vitest-environment happy-dom
/** A search with several objectives, and one whose objective has a name, in all parts of the view. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ExperimentStarted } from '../src/contract';
import { Store } from '../src/store';
import { renderPart } from '../src/views';
import { fakeCanvas } from './charts/canvas';
import { FakeModel } from './fake';
import { Search } from './search';

const PARAMS = { lr: 0.01, kernel: 3, optimizer: 'adam' };
const DIRECTIONS = ['max', 'min'];
let canvas: ReturnType<typeof fakeCanvas>;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'requestAnimationFrame', 'cancelAnimationFrame', 'performance', 'Date'],
  });
  canvas = fakeCanvas(1000);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const settle = () => vi.advanceTimersByTime(500);

/** Trials 1 (0.9, 200), 2 (0.7, 50) and 4 (0.6, 55) told both objectives, 3 was stopped at 0.4. 5 runs. */
function several(settings: Partial<ExperimentStarted> = {}): Search {
  const search = new Search({ directions: DIRECTIONS, ...settings }).worker('w1').worker('w2');
  const told = { a: [0.9, 200], b: [0.7, 50], c: null, d: [0.6, 55] };
  for (const [id, values] of Object.entries(told)) {
    search
      .create(id, PARAMS)
      .start(id, 'w1')
      .progress(id, [0.3, values?.[0] ?? 0.4], 1);
    if (values)
      search.finish(id, values[0] as number, { accuracy: values[0] as number, latency: values[1] as number });
    else search.decide(id, 'rule', 'below', 0.5).stopped(id);
  }
  return search.create('e', PARAMS).start('e', 'w1').progress('e', [0.5, 0.65], 1);
}

function shown(part: string, search = several()) {
  const model = new FakeModel();
  const store = new Store(model);
  const el = document.createElement('div');
  document.body.append(el);
  renderPart(part, { store, el });
  model.snapshot(search.records, 1060);
  settle();
  const click = (name: string) => {
    [...el.querySelectorAll('button')].find(one => one.textContent === name)?.click();
    settle();
  };
  const happen = (from: number) => {
    model.frame(search.since(from));
    settle();
  };
  return { store, el, click, happen, search };
}

const cellsOf = (el: Element) => {
  const rows = [...el.querySelectorAll<HTMLElement>('.maggy-body > .maggy-row')].filter(
    row => !row.style.transform.includes('-9999'),
  );
  rows.sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')));
  return rows.map(row => [...row.querySelectorAll('.maggy-cell')].map(cell => cell.textContent));
};
const numbers = (el: Element) => cellsOf(el).map(cells => cells[2]);
const heads = (el: Element) =>
  [...el.querySelectorAll('.maggy-heads button')].map(head => head.textContent).slice(0, 3);

it('says in the header what is looked for, how many are on the front, and by what the best is the best', () => {
  const { el } = shown('header');
  expect(el.textContent).toContain('maximise accuracy, minimise latency');
  expect(el.textContent).toContain('Pareto front2trials');
  expect(el.textContent).toContain('Best accuracy, the first objective, highest of the trials that ended');
  expect(el.textContent).toContain('latency 200.0');
});

it('says what is looked for before anybody knows the names', () => {
  const search = new Search({ directions: DIRECTIONS }).worker('w1').create('a', PARAMS).start('a', 'w1');
  search.progress('a', [0.5]);
  expect(shown('header', search).el.textContent).toContain('maximise objective 1, minimise objective 2');
  const { el, happen } = shown('trials', search);
  expect(heads(el)).toEqual(['trial', 'metric', 'lr']);
  const last = search.records.length;
  search.finish('a', 0.5, { accuracy: 0.5, latency: 3 });
  happen(last);
  expect(heads(el)).toEqual(['trial', 'accuracy', 'latency']);
});

it('calls the metric of any search by the name of its objective', () => {
  const search = several({ directions: [], direction: 'min', objectives: ['loss'] });
  const text = shown('header', search).el.textContent;
  expect(text).toContain('minimise loss');
  expect(text).toContain('Best loss, lowest of the trials that ended');
  expect(shown('header', search).el.querySelector<HTMLElement>('[title*="surpasses"]')?.hidden).toBe(true);
  expect(heads(shown('trials', search).el)).toEqual(['trial', 'loss', 'lr']);
  expect(canvas.texts(shown('curves', search).el)).toContain('loss');
  const { el, store } = shown('space', search);
  expect([...el.querySelectorAll<HTMLElement>('.maggy-axis')].at(-1)?.title).toBe('loss');
  store.brush('metric', { low: 0, high: 0.65 });
  settle();
  expect(store.state.trials.filter(trial => store.passes(trial)).map(trial => trial.id)).toEqual([
    'c',
    'd',
    'e',
  ]);
});

it('sorts the table by each objective, the better ones first', () => {
  const { el, click } = shown('trials');
  click('latency');
  expect(numbers(el)).toEqual(['2', '4', '1', '5', '3']);
  click('latency');
  expect(numbers(el)).toEqual(['1', '4', '2', '5', '3']);
  click('accuracy');
  expect(numbers(el)).toEqual(['1', '2', '5', '4', '3']);
  const [first] = cellsOf(el);
  expect(first?.slice(2, 5)).toEqual(['1', '0.900', '200.00']);
});

it('marks the trials on the front by a sign with a name, and by a word, as long as they are on it', () => {
  const { el, search, happen } = shown('trials');
  const marks = () =>
    [...el.querySelectorAll('.maggy-row [role=img]')].map(mark => mark.getAttribute('aria-label'));
  expect(marks()).toContain('best accuracy, on the Pareto front, finished');
  expect(marks()).toContain('on the Pareto front, finished');
  expect(el.querySelectorAll('.maggy-mark-front')).toHaveLength(1);
  expect(
    cellsOf(el)
      .find(cells => cells[2] === '2')
      ?.join(' '),
  ).toContain('on the Pareto front');
  const last = search.records.length;
  search.finish('e', 0.8, { accuracy: 0.8, latency: 40 });
  happen(last);
  expect(
    cellsOf(el)
      .find(cells => cells[2] === '2')
      ?.join(' '),
  ).not.toContain('Pareto');
  expect(
    cellsOf(el)
      .find(cells => cells[2] === '5')
      ?.join(' '),
  ).toContain('on the Pareto front');
});

it('filters by objectives and by the front', () => {
  const { store } = shown('trials');
  const passing = (filter: string) => {
    store.setFilter(filter);
    return store.state.trials
      .filter(trial => store.passes(trial))
      .map(trial => trial.id)
      .join('');
  };
  expect(passing('front')).toBe('ab');
  expect(passing('pareto latency<100')).toBe('b');
  expect(passing('latency<100')).toBe('bd');
  expect(passing('LATENCY>=200')).toBe('a');
  expect(passing('accuracy<0.65')).toBe('cd');
  expect(passing('metric<0.65')).toBe('cd');
  expect(passing('objective:latency=50')).toBe('b');
});

it('lets a filter follow the front', () => {
  const { store, search, happen } = shown('trials');
  store.setFilter('front');
  const passing = () =>
    store.state.trials
      .filter(trial => store.passes(trial))
      .map(trial => trial.id)
      .join('');
  expect(passing()).toBe('ab');
  const last = search.records.length;
  search.finish('e', 0.95, { accuracy: 0.95, latency: 40 });
  happen(last);
  expect(passing()).toBe('e');
});

it('tells all objectives in an opened row', () => {
  const { el } = shown('trials');
  el.querySelector<HTMLElement>('[aria-label="Open trial 1"]')?.click();
  settle();
  expect(el.querySelector('.maggy-detail-facts')?.textContent).toContain('accuracy 0.9latency 200');
});

it('has a parallel axis for each objective, with the better end in its name, to be brushed', () => {
  const { el, store } = shown('space');
  const axes = [...el.querySelectorAll<HTMLElement>('.maggy-axis')];
  expect(axes.map(axis => axis.textContent?.replace('\n', ' '))).toEqual([
    'lr',
    'kernel',
    'optimizer',
    'accuracy ↑',
    'latency ↓',
  ]);
  expect(axes.at(-1)?.getAttribute('aria-label')).toContain('latency, lower is better, not brushed');
  store.brush('objective:latency', { low: 0, high: 100 });
  settle();
  expect(store.state.trials.filter(trial => store.passes(trial)).map(trial => trial.id)).toEqual(['b', 'd']);
});

it.each([
  ['a', 4],
  ['c', 3],
])('ends the line of trial %s at axis %i: what was stopped told the first objective alone', (id, axis) => {
  const { el, store } = shown('space');
  store.select(id);
  const plot = el.querySelector<HTMLElement>('.maggy-plot') as HTMLElement;
  for (let i = 0; i < 6; i++)
    plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  settle();
  const left = Number.parseFloat(el.querySelector<HTMLElement>('.maggy-tip')?.style.left ?? '');
  const heads = [...el.querySelectorAll<HTMLElement>('.maggy-axis')].map(head =>
    Number.parseFloat(head.style.left),
  );
  const nearest = heads
    .map(x => Math.abs(x - left))
    .reduce((best, by, i, all) => (by < (all[best] as number) ? i : best), 0);
  expect(nearest).toBe(axis);
});

it('shows by itself objective 1 against objective 2 in the scatter, and says who is not there', () => {
  const { el, click } = shown('space');
  click('Scatter');
  const selects = [...el.querySelectorAll('select')];
  expect(selects.map(select => select.selectedOptions[0]?.textContent)).toEqual(['latency', 'accuracy']);
  expect(canvas.texts(el)).toContain('latency, lower is better');
  expect(el.textContent).toContain('without 1 stopped trial, which told no latency');
});

it('keeps the axes that a person chose when the names come', () => {
  const search = new Search({ directions: DIRECTIONS }).worker('w1').create('a', PARAMS).start('a', 'w1');
  const { el, click, happen } = shown('space', search.progress('a', [0.5]));
  click('Scatter');
  const selects = [...el.querySelectorAll('select')] as [HTMLSelectElement, HTMLSelectElement];
  const chosen = () => selects.map(select => select.selectedOptions[0]?.textContent);
  expect(chosen()).toEqual(['lr', 'metric']);
  selects[0].selectedIndex = 1;
  selects[0].dispatchEvent(new Event('change'));
  const last = search.records.length;
  search.finish('a', 0.5, { accuracy: 0.5, latency: 3 });
  happen(last);
  expect(chosen()).toEqual(['kernel', 'accuracy']);
});

it('says of a trial under the keys all that it told', () => {
  const { el, click } = shown('space');
  click('Scatter');
  const plot = el.querySelector<HTMLElement>('.maggy-plot') as HTMLElement;
  plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  settle();
  const spoken = el.querySelector('[aria-live]')?.textContent;
  expect(spoken).toMatch(/^#2 on the Pareto front, accuracy 0\.70*, latency 50\.00/);
});
