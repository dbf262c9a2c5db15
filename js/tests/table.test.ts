// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Store } from '../src/store';
import { renderPart } from '../src/views';
import { FakeModel } from './fake';
import { Search } from './search';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

function shown(search: Search) {
  const model = new FakeModel();
  const store = new Store(model);
  const el = document.createElement('div');
  document.body.append(el);
  model.snapshot(search.records, 1060);
  const end = renderPart('trials', { store, el });
  model.sent.length = 0;
  settle();
  const rows = () =>
    [...el.querySelectorAll<HTMLElement>('.maggy-body > .maggy-row')]
      .filter(row => !row.style.transform.includes('-9999'))
      .sort((a, b) => Number(a.ariaRowIndex ?? index(a)) - Number(b.ariaRowIndex ?? index(b)));
  const numbers = () => rows().map(row => row.querySelectorAll('.maggy-cell')[2]?.textContent);
  const row = (number: number) => {
    const found = rows().find(one => one.querySelectorAll('.maggy-cell')[2]?.textContent === String(number));
    if (!found) throw new Error(`trial ${number} has no row`);
    return found;
  };
  const press = (key: string) =>
    el
      .querySelector('.maggy-grid')
      ?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  return { model, store, el, end, rows, numbers, row, press };
}

function index(row: HTMLElement): number {
  return Number(row.getAttribute('aria-rowindex'));
}

function settle(): void {
  vi.advanceTimersByTime(100);
}

function params(kernel: number, optimizer = 'adam') {
  return { lr: 0.01, kernel, optimizer };
}

/** Trial 1 finished with 0.8, 2 failed, 3 runs, 4 waits: a person asked for it. */
function four(): Search {
  const search = new Search()
    .worker('w1')
    .worker('w2')
    .create('a', params(3))
    .start('a', 'w1')
    .progress('a', [0.8]);
  search
    .finish('a', 0.8)
    .create('b', params(5, 'sgd'))
    .start('b', 'w1')
    .fail('b', 'MemoryError: too large', 'Traceback\nMemoryError');
  return search.create('c', params(4)).start('c', 'w2').progress('c', [0.5]).create('d', params(8), 'person');
}

function many(count: number): Search {
  const search = new Search({ num_trials: count }).worker('w');
  for (let i = 1; i <= count; i++)
    search
      .create(`t${i}`, params(2 + (i % 7)))
      .start(`t${i}`, 'w')
      .finish(`t${i}`, i / count);
  return search;
}

it('shows the newest trial first, and what there is to say of each', () => {
  const { numbers, row, el } = shown(four());
  expect(numbers()).toEqual(['4', '3', '2', '1']);
  expect(row(1).textContent).toContain('best so far');
  expect(row(2).textContent).toContain('MemoryError: too large');
  expect(row(4).textContent).toContain('waiting for a worker');
  expect(el.querySelector('.maggy-count')?.textContent).toBe('4 trials');
  expect(row(3).querySelector('.maggy-mark')?.getAttribute('aria-label')).toBe('running');
});

it('does not list what the optimizer thought of and no worker had yet', () => {
  const search = four().create('idea', params(2));
  const { model, numbers, el } = shown(search);
  expect(numbers()).toEqual(['4', '3', '2', '1']);
  expect(el.querySelector('.maggy-count')?.textContent).toBe('4 trials');
  model.frame(search.start('idea', 'w1').since(search.records.length - 1), 1061);
  settle();
  expect(numbers()).toEqual(['5', '4', '3', '2', '1']);
});

it('has as many rows as are seen, of ten thousand', () => {
  const { rows, el, press, store } = shown(many(10_000));
  expect(rows().length).toBeLessThan(60);
  expect(el.querySelector('.maggy-grid')?.getAttribute('aria-rowcount')).toBe('10001');
  press('End');
  settle();
  expect(store.ui.selected).toBe('t1');
  expect(rows().length).toBeLessThan(60);
});

it('sorts by a column, and the other way round', () => {
  const { numbers, el, store } = shown(four());
  store.setSort('metric');
  settle();
  expect(numbers()).toEqual(['1', '3', '4', '2']);
  const head = [...el.querySelectorAll('[role=columnheader]')].find(cell => cell.textContent === 'metric');
  expect(head?.getAttribute('aria-sort')).toBe('descending');
  head?.querySelector('button')?.click();
  settle();
  expect(numbers()).toEqual(['3', '1', '4', '2']);
  expect(head?.getAttribute('aria-sort')).toBe('ascending');
  store.setSort('param:kernel');
  settle();
  expect(numbers()).toEqual(['1', '3', '2', '4']);
});

it('filters by words, and says which matches nothing', () => {
  const { numbers, el } = shown(four());
  const input = el.querySelector('input');
  const type = (text: string) => {
    if (!input) return;
    input.value = text;
    input.dispatchEvent(new Event('input'));
    settle();
  };
  type('adam kernel>3');
  expect(numbers()).toEqual(['4', '3']);
  expect(el.querySelector('.maggy-count')?.textContent).toBe('2 of 4 trials');
  type('adamant');
  expect(numbers()).toEqual([]);
  expect(el.querySelector('.maggy-no-trials')?.textContent).toContain('No trial matches “adamant”');
});

it('shows brushes, each with a cross that clears it', () => {
  const { numbers, el, store } = shown(four());
  store.brush('param:kernel', { low: 3, high: 4 });
  settle();
  expect(numbers()).toEqual(['3', '1']);
  const chip = el.querySelector('.maggy-brush-chip');
  expect(chip?.textContent).toContain('kernel 3 to 4');
  chip?.querySelector('button')?.click();
  settle();
  expect(numbers()).toHaveLength(4);
});

it('stops a running trial at a click, and says so at once', () => {
  const { model, row } = shown(four());
  const stop = row(3).querySelector<HTMLButtonElement>('.maggy-stop');
  stop?.click();
  expect(model.sent).toEqual([{ type: 'StopTrial', trial: 'c', reason: 'stopped by hand' }]);
  expect([stop?.textContent, stop?.disabled]).toEqual(['stopping', true]);
  model.receive({ type: 'Refused', request: 'StopTrial', reason: 'no' });
  settle();
  expect([stop?.textContent, stop?.disabled]).toEqual(['Stop', false]);
});

it('stops nothing that is out of reach', () => {
  const { model, store, row, press } = shown(four());
  store.disconnected('The kernel was restarted.');
  settle();
  row(3).querySelector<HTMLButtonElement>('.maggy-stop')?.click();
  press('s');
  expect(model.sent).toEqual([]);
});

it('stops the selected trial with S, where it runs', () => {
  const { model, store, press } = shown(four());
  store.select('a');
  press('s');
  expect(model.sent).toEqual([]);
  store.select('c');
  press('s');
  press('s');
  expect(model.sent).toEqual([{ type: 'StopTrial', trial: 'c', reason: 'stopped by hand' }]);
});

it('goes from row to row with the arrows, and lets go with Escape', () => {
  const { store, press, row, el } = shown(four());
  const selected: (string | null)[] = [];
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'End', 'Home']) {
    press(key);
    selected.push(store.ui.selected);
  }
  settle();
  expect(selected).toEqual(['d', 'c', 'd', 'a', 'd']);
  expect(row(4).getAttribute('aria-selected')).toBe('true');
  expect(el.querySelector('.maggy-grid')?.getAttribute('aria-activedescendant')).toBe(row(4).id);
  press('Escape');
  expect(store.ui.selected).toBeNull();
});

it.each(['header', 'space', 'curves', 'trials'])(
  'keeps the keys pressed in the %s from the notebook',
  part => {
    const el = document.createElement('div');
    document.body.append(el);
    const end = renderPart(part, { store: new Store(new FakeModel()), el });
    const notebook = vi.fn();
    document.body.addEventListener('keydown', notebook);
    for (const key of ['d', 'Enter', 'Escape', 'ArrowUp'])
      for (const target of el.querySelectorAll<HTMLElement>('button, [tabindex]')) {
        target.focus();
        if (document.activeElement === target) expect(target.dataset.lmSuppressShortcuts).toBe('true');
        target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      }
    document.body.removeEventListener('keydown', notebook);
    expect(notebook).not.toHaveBeenCalled();
    end();
  },
);

it('selects the trial of a row that is clicked', () => {
  const { store, row } = shown(four());
  row(2).querySelector<HTMLElement>('.maggy-c-metric')?.click();
  expect(store.ui.selected).toBe('b');
});

it('opens a row: its log while it runs, again every two seconds', () => {
  const { model, el, row } = shown(four());
  row(3).querySelector<HTMLElement>('.maggy-caret')?.click();
  vi.advanceTimersByTime(4100);
  const read = { type: 'ReadLog', trial: 'c' };
  expect(model.sent).toEqual([read, read, read]);
  model.receive({ type: 'Log', trial: 'c', text: '<b>epoch</b> 1', missing: 1200 });
  settle();
  expect(el.querySelector('.maggy-detail pre')?.textContent).toBe('<b>epoch</b> 1');
  expect(el.querySelector('.maggy-detail')?.textContent).toContain('1,200 characters before');
  row(3).querySelector<HTMLElement>('.maggy-caret')?.click();
  expect(el.querySelector('.maggy-detail')).toBeNull();
});

it('does not lay out a megabyte', () => {
  const { model, el, row } = shown(four());
  row(3).querySelector<HTMLElement>('.maggy-caret')?.click();
  model.receive({ type: 'Log', trial: 'c', text: 'x'.repeat(1e6), missing: 0 });
  settle();
  expect(el.querySelector('.maggy-detail pre')?.textContent?.length).toBeLessThan(50_000);
  expect(el.querySelector('.maggy-detail')?.textContent).toContain('characters before');
});

it('shows the traceback of a failed trial, and runs it again', () => {
  const { model, el, store, press } = shown(four());
  store.select('b');
  press('Enter');
  expect(el.querySelector('.maggy-failure pre')?.textContent).toBe('Traceback\nMemoryError');
  [...el.querySelectorAll('button')].find(one => one.textContent === 'Run again')?.click();
  expect(model.sent.at(-1)).toEqual({ type: 'EnqueueTrial', params: params(5, 'sgd') });
});

it('keeps the elements of rows when trials come', () => {
  const search = four();
  const { model, row, numbers } = shown(search);
  const before = row(2);
  model.frame(search.create('e', params(2), 'person').since(search.records.length - 1), 1061);
  settle();
  expect(numbers()).toEqual(['5', '4', '3', '2', '1']);
  expect(row(2)).toBe(before);
});

it('shows hostile texts as text', () => {
  const name = '<img src=x onerror=alert(1)>';
  const search = new Search({
    searchspace: { [name]: ['CATEGORICAL', ['<script>alert(1)</script>']] },
  }).worker('w');
  search
    .create('a', { [name]: '<script>alert(1)</script>' })
    .start('a', 'w')
    .fail('a', '<svg onload=alert(1)>', '<b>');
  const { el, store, press } = shown(search);
  store.select('a');
  press('Enter');
  expect(el.querySelector('img, script, svg, pre b b')).toBeNull();
  expect(el.textContent).toContain('<script>alert(1)</script>');
});

it('tells of a new best, and of nothing that was there before', () => {
  const search = four();
  const { model, el } = shown(search);
  vi.advanceTimersByTime(11_000);
  expect(el.querySelector('[aria-live]')?.textContent).toBe('');
  model.frame(search.finish('c', 0.9).since(search.records.length - 1), 1061);
  vi.advanceTimersByTime(11_000);
  expect(el.querySelector('[aria-live]')?.textContent).toBe('New best: metric 0.900, trial 3');
});
