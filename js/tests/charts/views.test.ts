// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Store } from '../../src/store';
import { renderCurves } from '../../src/views/curves';
import { renderSpace } from '../../src/views/space';
import { FakeModel } from '../fake';
import { Search } from '../search';
import { fakeCanvas } from './canvas';

const PARAMS = { lr: 0.01, kernel: 3, optimizer: 'adam' };
let canvas: ReturnType<typeof fakeCanvas>;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'requestAnimationFrame', 'cancelAnimationFrame', 'performance', 'Date'],
  });
  canvas = fakeCanvas();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

/** Ends trials in each way; d runs on. */
function search(): Search {
  const s = new Search();
  for (const name of ['1', '2', '3', '4', '5']) s.worker(`w${name}`);
  ['a', 'b', 'c', 'd', 'e'].forEach((id, i) => {
    s.create(id, { ...PARAMS, lr: 10 ** (-1 - i / 2) })
      .start(id, `w${i + 1}`)
      .progress(id, [0.5, 0.6 + i / 50], 1);
  });
  s.progress('a', [0.9], 3).finish('a', 0.9);
  s.decide('b', 'rule', 'below', 0.7).stopped('b').decide('c', 'person', 'flat').stopped('c');
  return s.fail('e', 'RuntimeError: no');
}

function shown(render: typeof renderCurves, s = search()) {
  const model = new FakeModel();
  const store = new Store(model);
  const el = document.createElement('div');
  document.body.append(el);
  const dispose = render({ store, el });
  model.snapshot(s.records, 2000);
  frames();
  const plot = el.querySelector('.maggy-plot') as HTMLElement;
  const key = (name: string, target: HTMLElement = plot, shiftKey = false) => {
    target.dispatchEvent(
      new KeyboardEvent('keydown', { key: name, shiftKey, bubbles: true, cancelable: true }),
    );
    frames();
  };
  return { store, model, el, plot, dispose, key, search: s };
}

const frames = () => vi.advanceTimersByTime(500);
const spoken = (el: Element) => el.querySelector('[aria-live]')?.textContent ?? '';

describe.each([330, 400, 500, 900])('in %d pixels', width => {
  const long = () => {
    const s = search().add({ type: 'ThresholdsChanged', steps: [1, 2, 3], values: [0.5, 0.62, 0.7] });
    for (let i = 6; i < 1200; i++) s.create(`t${i}`, PARAMS).start(`t${i}`, 'w1').finish(`t${i}`, 0.1);
    return s
      .create('best', PARAMS)
      .start('best', 'w1')
      .progress('best', [0.5, 0.7, 0.95], 1)
      .finish('best', 1);
  };

  it.each([renderCurves, renderSpace])('nothing is cut off at the edge by %o', render => {
    canvas = fakeCanvas(width);
    const written = canvas.written(shown(render, long()).el);
    expect(written.map(({ text }) => text).join()).toMatch(/#1200/);
    expect(written.filter(({ left, right }) => left < 0 || right > width)).toEqual([]);
  });
});

it.each([renderCurves, renderSpace])('the colours of the page are taken when it is there, by %o', render => {
  let resized = () => {};
  class Observer {
    observe() {}
    disconnect() {}
    constructor(callback: () => void) {
      resized = callback;
    }
  }
  vi.stubGlobal('ResizeObserver', Observer);
  const model = new FakeModel();
  const el = document.createElement('div');
  const style = document.createElement('style');
  style.textContent = '.maggy-plot { --maggy-best: #abcdef }';
  render({ store: new Store(model), el });
  model.snapshot(search().records, 2000);
  frames();
  expect(canvas.written(el)).toEqual([]);
  document.body.append(style, el);
  resized();
  frames();
  vi.unstubAllGlobals();
  expect(
    canvas
      .written(el)
      .filter(({ text }) => text.includes('#1'))
      .map(({ colour }) => colour),
  ).toContain('#abcdef');
});

describe('learning curves', () => {
  it('name the best, what runs, and what ended badly', () => {
    const { el } = shown(renderCurves);
    const texts = canvas.texts(el);
    expect(texts.some(text => text.startsWith('#1 best 0.900'))).toBe(true);
    expect(texts).toEqual(expect.arrayContaining(['#3', '#4', '#5', 'metric', 'step']));
  });

  it('say in words what the threshold means, and its level when a trial was stopped', () => {
    const s = search().add({ type: 'ThresholdsChanged', steps: [1, 2, 3], values: [0.5, 0.62, 0.7] });
    const { el, store } = shown(renderCurves, s);
    expect(canvas.texts(el)).toEqual(expect.arrayContaining(['median 0.700', 'rule stops below']));
    store.select('b');
    frames();
    expect(canvas.texts(el)).toContain('0.700 when stopped');
  });

  it('say when the rule will start', () => {
    const { el } = shown(renderCurves);
    expect(el.textContent).toContain('Median rule starts after 10 finished trials, 3 so far');
  });

  it('say kindly that there is nothing to see', () => {
    const { el, model, search: s } = shown(renderCurves, new Search().worker('w1'));
    expect(el.querySelector<HTMLElement>('.maggy-empty')?.textContent).toContain('reporter.broadcast');
    const last = s.records.length;
    s.create('a', PARAMS).start('a', 'w1').progress('a', [0.5]);
    model.frame(s.since(last));
    frames();
    expect(el.querySelector<HTMLElement>('.maggy-empty')?.hidden).toBe(true);
  });

  it('are walked by arrow keys, spoken, and selected', () => {
    const { store, el, key } = shown(renderCurves);
    key('ArrowRight');
    expect(spoken(el)).toMatch(/^#1 best, step 3, 0\.900/);
    key('ArrowLeft');
    expect(spoken(el)).toMatch(/^#1 best, step 2, 0\.600/);
    key('ArrowUp');
    expect(store.ui.hovered).toBe('b');
    key('Enter');
    expect(store.ui.selected).toBe('b');
    key('Escape');
    expect([store.ui.selected, store.ui.hovered]).toEqual([null, null]);
  });

  it('are hovered by the pointer', () => {
    const { store, el, plot } = shown(renderCurves);
    const at = (clientX: number, clientY: number) => {
      plot.dispatchEvent(new MouseEvent('pointermove', { clientX, clientY, bubbles: true }));
      frames();
    };
    for (let y = 0; y < 300 && store.ui.hovered !== 'a'; y += 4) at(330, y);
    expect(store.ui.hovered).toBe('a');
    expect(el.querySelector('.maggy-tip')?.textContent).toContain('#1 best, step');
    at(2, 2);
    expect(store.ui.hovered).toBe(null);
  });

  it('count the curves that leave the scale', () => {
    const s = search().worker('w9');
    for (let i = 0; i < 12; i++)
      s.create(`n${i}`).start(`n${i}`, 'w1').progress(`n${i}`, [0.5, 0.7], 1).finish(`n${i}`, 0.7);
    s.create('x').start('x', 'w1').progress('x', [0.5, 1e30], 1);
    const { el } = shown(renderCurves, s);
    expect(el.textContent).toContain('1 curve ends beyond the scale');
  });

  it('survive what is no number', () => {
    const s = new Search().worker('w1').create('a').start('a', 'w1');
    s.progress('a', [Number.NaN, Number.POSITIVE_INFINITY, Number.NaN]);
    const { el, key } = shown(renderCurves, s);
    key('ArrowRight');
    expect(el.querySelector<HTMLElement>('.maggy-empty')?.hidden).toBe(false);
  });

  it('leave nothing behind', () => {
    const { el, dispose } = shown(renderCurves);
    dispose();
    expect(el.childElementCount).toBe(0);
  });
});

describe('the search space', () => {
  it('has an axis for each hyperparameter and the metric, each with a name', () => {
    const { el } = shown(renderSpace);
    const heads = [...el.querySelectorAll<HTMLElement>('.maggy-axis')];
    expect(heads.map(head => head.title)).toEqual(['lr (log)', 'kernel', 'optimizer', 'metric']);
    expect(canvas.texts(el)).toEqual(expect.arrayContaining(['adam', 'sgd', '1e-2']));
  });

  it('is brushed by keys, and speaks how many trials are left', () => {
    const { store, el, key } = shown(renderSpace);
    const [lr] = el.querySelectorAll<HTMLElement>('.maggy-axis');
    key('ArrowUp', lr);
    expect(store.ui.brushes.has('param:lr')).toBe(true);
    expect(spoken(el)).toMatch(/brushed from .* to .*, \d trials/);
    key('Escape', lr);
    expect(store.ui.brushes.size).toBe(0);
  });

  it('is brushed by a drag on any axis, and cleared by a click there', () => {
    const { store, plot } = shown(renderSpace);
    plot.setPointerCapture = () => undefined;
    const at = (type: string, x: number, y: number) =>
      plot.dispatchEvent(new MouseEvent(type, { clientX: x, clientY: y, button: 0, bubbles: true }));
    at('pointerdown', 44, 100);
    at('pointermove', 44, 200);
    at('pointerup', 44, 200);
    const brush = store.ui.brushes.get('param:lr') as { low: number; high: number };
    expect(brush.low).toBeGreaterThan(1e-4);
    expect(brush.high).toBeLessThan(1e-1);
    at('pointerdown', 44, 40);
    at('pointerup', 44, 40);
    expect(store.ui.brushes.size).toBe(0);
  });

  it('shows two chosen axes as a scatter', () => {
    const { el } = shown(renderSpace);
    const [, scatter] = el.querySelectorAll<HTMLButtonElement>('.maggy-choices button');
    scatter?.click();
    frames();
    const selects = [...el.querySelectorAll('select')];
    expect(selects.map(select => select.selectedOptions[0]?.textContent)).toEqual(['lr', 'metric']);
    expect([...(selects[0]?.options ?? [])].map(option => option.textContent)).toEqual([
      'lr',
      'kernel',
      'optimizer',
      'metric',
    ]);
    expect(scatter?.getAttribute('aria-pressed')).toBe('true');
  });

  describe('with hyperparameters that a trial may lack', () => {
    /** A tree of depth 2 and a net of width 100. */
    const conditional = () =>
      new Search({
        searchspace: {
          model: ['CATEGORICAL', ['tree', 'net']],
          depth: ['INTEGER', [1, 4], { when: { model: ['tree'] } }],
          width: ['DOUBLE', [1, 512], { when: { model: ['net'] } }],
        },
      })
        .worker('w1')
        .create('tree', { model: 'tree', depth: 2 })
        .start('tree', 'w1')
        .finish('tree', 0.9)
        .create('net', { model: 'net', width: 100 })
        .start('net', 'w1')
        .finish('net', 0.5);

    const hoveredAt = ({ plot, store }: ReturnType<typeof shown>, x: number, y: number) => {
      plot.dispatchEvent(new MouseEvent('pointermove', { clientX: x, clientY: y, bubbles: true }));
      frames();
      return store.ui.hovered;
    };

    it('leads its line past a rail below the axis, which says so', () => {
      const view = shown(renderSpace, conditional());
      const rails = canvas.written(view.el).filter(({ text }) => text === 'absent');
      expect(rails).toHaveLength(2);
      const [depth, width] = rails.map(({ left, right }) => (left + right) / 2) as [number, number];
      const [height] = rails.map(({ y }) => y - 12) as [number];
      expect(hoveredAt(view, depth, height)).toBe('net');
      expect(hoveredAt(view, width, height)).toBe('tree');
      expect(view.el.querySelector('.maggy-tip')?.textContent).toBe('#1 bestmetric 0.900model treedepth 2');
    });

    it('has no rail where each trial has all', () => {
      expect(canvas.texts(shown(renderSpace).el)).not.toContain('absent');
    });

    it('puts it into a strip beside the scatter', () => {
      const view = shown(renderSpace, conditional());
      view.el.querySelectorAll<HTMLButtonElement>('.maggy-choices button')[1]?.click();
      frames();
      const choose = (index: number, name: string) => {
        const select = view.el.querySelectorAll('select')[index] as HTMLSelectElement;
        select.value = [...select.options].find(option => option.textContent === name)?.value ?? '';
        select.dispatchEvent(new Event('change'));
        frames();
      };
      choose(0, 'depth');
      choose(1, 'width');
      const found = new Map<string, { x: number; y: number }>();
      for (let x = 0; x < 640; x += 8)
        for (let y = 0; y < 300; y += 8) {
          const trial = hoveredAt(view, x, y);
          if (trial && !found.has(trial)) found.set(trial, { x, y });
        }
      const words = canvas.written(view.el).filter(({ text }) => text === 'absent');
      const [up, across] = words as [(typeof words)[0], (typeof words)[0]];
      expect([...found.keys()].sort()).toEqual(['net', 'tree']);
      expect(Math.abs((found.get('net')?.x ?? 0) - (across.left + across.right) / 2)).toBeLessThan(30);
      expect(Math.abs((found.get('tree')?.y ?? 0) - up.y)).toBeLessThan(30);
    });
  });

  it('says that there are no hyperparameters', () => {
    const { el } = shown(renderSpace, new Search({ searchspace: {} }).worker('w1'));
    expect(el.querySelector('.maggy-empty')?.textContent).toBe('This search has no hyperparameters.');
  });

  it('shows hostile names as text', () => {
    const name = '<img src=x onerror=alert(1)>';
    const { el } = shown(
      renderSpace,
      new Search({ searchspace: { [name]: ['DOUBLE', [0, 1]] } }).worker('w1'),
    );
    expect(el.querySelector('img')).toBe(null);
    expect(el.querySelector<HTMLElement>('.maggy-axis')?.title).toBe(name);
  });
});
