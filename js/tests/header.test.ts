// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Store } from '../src/store';
import { renderPart } from '../src/views';
import { FakeModel } from './fake';
import { Search } from './search';

const PARAMS = { lr: 0.01, kernel: 3, optimizer: 'adam' };

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
  const end = renderPart('header', { store, el });
  model.snapshot(search.records, 1060);
  model.sent.length = 0;
  settle();
  const text = () => el.textContent ?? '';
  const button = (name: string) => {
    const found = [...el.querySelectorAll('button')].find(one => one.textContent === name && !hidden(one));
    if (!found) throw new Error(`there is no button ${name}`);
    return found;
  };
  return { model, store, el, end, text, button };
}

function hidden(element: Element): boolean {
  return element.closest('[hidden]') !== null;
}

/** Lets timers and animation frames come. */
function settle(): void {
  vi.advanceTimersByTime(50);
}

const running = () =>
  new Search().worker('w1').worker('w2').create('a', PARAMS).start('a', 'w1').progress('a', [0.5, 0.7]);

it('draws the running trials of a long search as one, lest the bar be wider than the page', () => {
  const cells = (num_trials: number) => {
    const search = new Search({ num_trials }).worker('w1').worker('w2');
    for (const one of ['1', '2']) search.create(`t${one}`, PARAMS).start(`t${one}`, `w${one}`);
    return shown(search).el.querySelectorAll('.maggy-seg-running > i').length;
  };
  expect([cells(60), cells(10_000)]).toEqual([2, 1]);
});

it('shows how the search stands', () => {
  const { text } = shown(running().finish('a', 0.8).create('b', PARAMS).start('b', 'w1'));
  for (const part of [
    'a search',
    'Running',
    '0.800',
    'trial 1',
    'last value 0.700',
    'lr 0.01',
    'of 2',
    '2 of 4 started',
  ])
    expect(text()).toContain(part);
});

it('says that the best still runs, before the first trial ended', () => {
  expect(shown(running()).text()).toContain('of a trial that still runs');
});

it('says what the kernel wants a person to know, as long as it lasts', () => {
  const { model, text } = shown(running());
  model.set('hint', 'Buttons work once this cell has ended');
  settle();
  expect(text()).toContain('Buttons work once this cell has ended');
  model.set('hint', '');
  settle();
  expect(text()).not.toContain('Buttons work');
});

it('goes on counting the time', () => {
  const { text } = shown(running());
  expect(text()).toContain('1:00');
  vi.advanceTimersByTime(3000);
  expect(text()).toContain('1:03');
});

it('asks for more trials', () => {
  const { model, button } = shown(running());
  button('+10 trials').click();
  expect(model.sent).toEqual([{ type: 'AddTrials', count: 10 }]);
});

it('asks once before it stops the search', () => {
  const { model, el, button, text } = shown(running());
  expect(() => button('Keep running')).toThrow();
  button('Stop search').click();
  expect(text()).toContain('Stop 1 running trial and end?');
  button('Keep running').click();
  expect(model.sent).toEqual([]);
  button('Stop search').click();
  button('Stop').click();
  expect(model.sent).toEqual([{ type: 'StopExperiment', reason: 'stopped by hand' }]);
  expect(button('Stopping…').disabled).toBe(true);
  model.receive({ type: 'Refused', request: 'StopExperiment', reason: 'it is over' });
  settle();
  expect(button('Stop search').disabled).toBe(false);
  expect(el.querySelector('[role=alert]')?.textContent).toContain('it is over');
});

it('adds a trial like the best, with what a person changed', () => {
  const { model, el, button } = shown(running().finish('a', 0.8));
  button('Add a trial…').click();
  const [lr, kernel] = el.querySelectorAll('input');
  expect([lr?.value, kernel?.value, el.querySelector('select')?.selectedOptions[0]?.textContent]).toEqual([
    '0.01',
    '3',
    'adam',
  ]);
  expect([kernel?.min, kernel?.max, kernel?.step, lr?.step]).toEqual(['2', '8', '1', 'any']);
  if (kernel) kernel.value = '5';
  button('Add trial').click();
  expect(model.sent).toEqual([{ type: 'EnqueueTrial', params: { ...PARAMS, kernel: 5 } }]);
  expect(el.querySelector('form')).toBeNull();
});

it('adds a trial like the selected one', () => {
  const search = running().finish('a', 0.8).create('b', { lr: 0.05, kernel: 7, optimizer: 'sgd' });
  const { store, el, button } = shown(search);
  store.select('b');
  button('Add a trial…').click();
  expect(el.querySelector('select')?.selectedOptions[0]?.textContent).toBe('sgd');
});

it('asks for hyperparameters that depend on others only where they exist', () => {
  const searchspace = {
    model: ['CATEGORICAL', ['svm', 'tree']],
    depth: ['INTEGER', [1, 9], { when: { model: ['tree'] } }],
    leaf: ['INTEGER', [1, 4], { when: { depth: [9] } }],
  };
  const { model, el, button } = shown(new Search({ searchspace }));
  const seen = () => [...el.querySelectorAll('label')].map(label => label.style.display !== 'none');
  const choose = (element: HTMLInputElement | HTMLSelectElement | null | undefined, value: string) => {
    if (element) element.value = value;
    element?.dispatchEvent(new Event('input', { bubbles: true }));
  };
  button('Add a trial…').click();
  expect(seen()).toEqual([true, false, false]);
  choose(el.querySelector('select'), '1');
  expect(seen()).toEqual([true, true, false]);
  choose(el.querySelector('input'), '9');
  expect(seen()).toEqual([true, true, true]);
  choose(el.querySelector('select'), '0');
  button('Add trial').click();
  expect(model.sent).toEqual([{ type: 'EnqueueTrial', params: { model: 'svm' } }]);
});

it('sends values of a search space as they are, whatever they are', () => {
  const odd = [null, true, ['deep', 3], '<b>'];
  const { model, el, button } = shown(new Search({ searchspace: { constructor: ['CATEGORICAL', odd] } }));
  for (const [i, value] of odd.entries()) {
    button('Add a trial…').click();
    const select = el.querySelector('select');
    if (select) select.value = String(i);
    button('Add trial').click();
    expect(model.sent.at(-1)).toEqual({
      type: 'EnqueueTrial',
      params: Object.fromEntries([['constructor', value]]),
    });
  }
});

it('says what was refused until it is dismissed', () => {
  const { model, el } = shown(running());
  model.receive({ type: 'Refused', request: 'AddTrials', reason: '<img src=x> no' });
  settle();
  expect(el.querySelector('[role=alert]')?.textContent).toContain('<img src=x> no');
  el.querySelector<HTMLElement>('[aria-label=Dismiss]')?.click();
  settle();
  expect(el.querySelector('[role=alert]')).toBeNull();
});

it('offers nothing where nothing can be done', () => {
  const { store, el } = shown(running());
  store.disconnected('The kernel was restarted.');
  settle();
  expect([...el.querySelectorAll('.maggy-actions button')].filter(one => !hidden(one))).toEqual([]);
  expect(el.textContent).toContain('The kernel was restarted.');
});

it('shows hostile names as text', () => {
  const name = '<img src=x onerror=alert(1)>';
  const search = new Search({ name, searchspace: { [name]: ['DOUBLE', [0, 1]] } });
  const { el } = shown(
    search
      .worker('w')
      .create('a', { [name]: 0.5 })
      .start('a', 'w')
      .finish('a', 1),
  );
  expect(el.querySelector('img')).toBeNull();
  expect(el.querySelector('.maggy-name')?.textContent).toBe(name);
});

it('leaves nothing behind', () => {
  const { model, el, end } = shown(running());
  end();
  model.receive({ type: 'Refused', request: 'AddTrials', reason: 'no' });
  settle();
  expect(el.childElementCount).toBe(0);
});
