/** The head of the view: how the search stands, what it found, and what a person can do about it. */

import { clock, plain, show, showMetric } from '../format';
import { furtherOf, hasSeveral, metricName, toldOf } from '../objectives';
import type { Store } from '../store';
import { button, type Context, every, h, setHidden, setText } from './dom';
import { enqueueForm } from './enqueue';
import { type Mark, markElement } from './marks';
import { progressView } from './progress';
import { type Best, bestOf, describe, remaining, roughly, standing, troubles, workersOf } from './summary';

const MOST_PAIRS = 9;

export function renderHeader({ store, el }: Context): () => void {
  const title = titleView(store);
  const notices = noticesView(store);
  const facts = factsView(store);
  const progress = progressView();
  const form = h('div', 'maggy-form');
  const actions = actionsView(store, form);
  const head = h('div', 'maggy-head', {}, title.element, actions.element);
  el.append(head, form, notices.element, facts.element, progress.element);

  const tick = () => {
    notices.update();
    facts.tick();
  };
  const update = () => {
    title.update();
    actions.update();
    facts.update();
    progress.update(store.state);
    for (const { element } of [facts, progress]) setHidden(element, !store.state.settings);
    tick();
  };
  update();
  const chosen = () => {
    notices.update();
    actions.update();
  };
  const ends = [store.subscribe(change => (change.state ? update() : chosen())), every(1000, tick)];
  return () => {
    for (const end of ends) end();
    el.replaceChildren();
  };
}

function titleView(store: Store) {
  const name = h('span', 'maggy-name', { role: 'heading', 'aria-level': 2 });
  const chip = h('span', 'maggy-chip', { role: 'status' });
  const about = h('span', 'maggy-about maggy-muted');
  let shown = '';
  const update = () => {
    const { settings } = store.state;
    setText(name, plain(settings?.name, 80) || 'Maggy');
    if (settings)
      name.title = `experiment ${plain(settings.experiment)}${settings.description ? `: ${plain(settings.description, 500)}` : ''}`;
    const { word, mark } = standing(store.state, store.connection);
    if (word !== shown) chip.replaceChildren(markElement(mark), word);
    shown = word;
    chip.className = `maggy-chip maggy-chip-${mark}`;
    setText(about, describe(store.state));
    about.classList.toggle('maggy-several', hasSeveral(store.state));
  };
  return { element: h('div', 'maggy-title', {}, name, chip, about), update };
}

/** The buttons. Stopping the search asks once, in place. */
function actionsView(store: Store, form: HTMLElement) {
  const close = () => {
    form.replaceChildren();
    add.setAttribute('aria-expanded', 'false');
    add.focus();
  };
  const add = button('maggy-button', 'Add a trial…', () => {
    if (form.childElementCount) return close();
    form.replaceChildren(enqueueForm(store, close));
    add.setAttribute('aria-expanded', 'true');
    form.querySelector<HTMLElement>('input, select, button')?.focus();
  });
  const more = button('maggy-button', '+10 trials', () => store.request({ type: 'AddTrials', count: 10 }));
  const stop = button('maggy-button maggy-danger', 'Stop search', () => ask(true));
  const question = h('span', 'maggy-question');
  const yes = button('maggy-button maggy-danger', 'Stop', () => {
    store.request({ type: 'StopExperiment', reason: 'stopped by hand' });
    sent = true;
    ask(false);
  });
  const keep = button('maggy-button', 'Keep running', () => ask(false));
  const confirm = h(
    'span',
    'maggy-confirm',
    { role: 'group', 'aria-label': 'Stop the search?' },
    question,
    yes,
    keep,
  );
  const element = h('div', 'maggy-actions', {}, add, more, stop, confirm);
  add.setAttribute('aria-expanded', 'false');
  let asking = false;
  let sent = false;

  function ask(now: boolean): void {
    asking = now;
    update();
    (now ? keep : stop).focus();
  }

  function update(): void {
    const { state, connection } = store;
    const open = state.phase === 'RUNNING' && connection.kind === 'live';
    if (state.phase !== 'RUNNING' || store.notice) sent = false;
    if (!open && form.childElementCount) form.replaceChildren();
    setHidden(element, state.phase === 'ENDED' || connection.kind !== 'live');
    for (const one of [add, more, stop]) setHidden(one, asking && open);
    for (const one of [add, more]) one.disabled = !open;
    stop.disabled = !open || sent;
    setText(stop, sent || state.phase === 'STOPPING' ? 'Stopping…' : 'Stop search');
    setHidden(confirm, !(asking && open));
    const running = state.counts.RUNNING + state.counts.STOPPING;
    setText(
      question,
      running
        ? `Stop ${running} running ${running === 1 ? 'trial' : 'trials'} and end? Results are kept.`
        : 'End the search? Results are kept.',
    );
  }
  return { element, update };
}

function noticesView(store: Store) {
  const element = h('div', 'maggy-notices', { role: 'status' });
  let shown = '';
  const update = () => {
    const found = troubles(store.state, store.connection, store.now());
    if (store.hint) found.push({ text: plain(store.hint, 500), bad: false });
    const key = JSON.stringify([found, store.notice]);
    if (key === shown) return;
    shown = key;
    const lines = found.map(({ text, bad }) =>
      h('p', bad ? 'maggy-notice maggy-bad' : 'maggy-notice', {}, text),
    );
    if (store.notice !== null) lines.push(refusal(store));
    element.replaceChildren(...lines);
  };
  return { element, update };
}

function refusal(store: Store): HTMLParagraphElement {
  const dismiss = button('maggy-cross', '✕', () => store.dismissNotice());
  dismiss.setAttribute('aria-label', 'Dismiss');
  return h('p', 'maggy-notice maggy-bad', { role: 'alert' }, plain(store.notice, 500), dismiss);
}

function factsView(store: Store) {
  const best = bestView(store);
  const elapsed = fact('Elapsed');
  const left = fact('Remaining');
  const workers = fact('Workers busy');
  const front = fact('Pareto front');
  front.element.title =
    'Trials that no other one surpasses: none is better in one objective, and as good in all others';
  const facts = [best, front, elapsed, left, workers].map(({ element: one }) => one);
  const element = h('div', 'maggy-facts', {}, ...facts);

  function tick(): void {
    const { state } = store;
    const until = state.phase === 'ENDED' ? state.ended : store.now();
    elapsed.set('', state.started ? clock(until - state.started) : '–');
    setHidden(left.element, state.phase !== 'RUNNING' || store.connection.kind !== 'live');
    const seconds = remaining(state, store.now());
    if (seconds === null) left.set('', '–');
    else left.set('about', ...roughly(seconds));
  }

  function update(): void {
    const { busy, there } = workersOf(store.state);
    setHidden(workers.element, store.state.phase === 'ENDED' || store.connection.kind !== 'live');
    workers.set('', String(busy), `of ${there}`);
    best.update();
    setHidden(front.element, !hasSeveral(store.state));
    const { length } = store.state.front.trials;
    front.set('', String(length), length === 1 ? 'trial' : 'trials');
  }
  return { element, tick, update };
}

function fact(name: string) {
  const [before, value, after] = [h('small'), h('span'), h('small')];
  const element = h(
    'div',
    'maggy-fact',
    {},
    h('div', 'maggy-label', {}, name),
    h('div', 'maggy-big', {}, before, value, after),
  );
  const set = (first: string, big: string, last = '') => {
    setText(before, first);
    setText(value, big);
    setText(after, last);
  };
  return { element, set };
}

function bestView(store: Store) {
  const label = h('div', 'maggy-label');
  const star = markElement('best' satisfies Mark);
  const value = h('span', 'maggy-best-value');
  const params = h('span', 'maggy-params');
  const line = h('div', 'maggy-best-line', {}, h('span', 'maggy-big', {}, star, value), params);
  const element = h('div', 'maggy-fact maggy-best', {}, label, line);
  let shown = '';

  function update(): void {
    const best = bestOf(store.state);
    setText(label, caption(store, best));
    setText(value, best ? showMetric(best.metric) : '–');
    setHidden(star, !best);
    const key = best ? `${best.trial.id} ${best.trial.revision}` : '';
    if (key === shown) return;
    shown = key;
    params.replaceChildren(...(best ? few(pairs(store, best)) : []));
  }
  return { element, update };
}

function caption(store: Store, best: Best | null): string {
  const way = store.state.settings?.direction === 'min' ? 'lowest' : 'highest';
  const first = hasSeveral(store.state) ? ', the first objective' : '';
  const name = `Best ${plain(metricName(store.state), 40)}`;
  if (best?.running) return `${name} so far${first}, ${way} value of a trial that still runs`;
  return best ? `${name}${first}, ${way} of the trials that ended` : `${name}${first}`;
}

/** The first ones; the others on demand. */
function few(pairs: HTMLElement[]): HTMLElement[] {
  const rest = pairs.slice(MOST_PAIRS);
  if (rest.length < 2) return pairs;
  const more = button('maggy-link', `${rest.length} more`, () => more.replaceWith(...rest));
  return [...pairs.slice(0, MOST_PAIRS), more];
}

/** The trial, its last value where the metric is another one, its other objectives and hyperparameters. */
function pairs(store: Store, { trial, metric }: Best): HTMLElement[] {
  const name = button('maggy-link', `trial ${trial.number}`, () => store.select(trial.id));
  const found = [h('span', 'maggy-pair', {}, name)];
  const { last } = trial.curve;
  if (last !== null && showMetric(last) !== showMetric(metric))
    found.push(pair('last value', showMetric(last), String(last)));
  for (const { name: objective, index } of furtherOf(store.state)) {
    const value = toldOf(trial, index);
    if (value !== null) found.push(pair(plain(objective, 40), showMetric(value), String(value)));
  }
  for (const { name: parameter } of store.state.parameters) {
    const given = trial.params[parameter];
    if (given !== undefined) found.push(pair(plain(parameter, 40), plain(show(given), 60), show(given)));
  }
  return found;
}

function pair(name: string, value: string, title: string): HTMLElement {
  return h('span', 'maggy-pair', { title: `${name} ${title}` }, h('i', '', {}, `${name} `), value);
}
