/** What an opened row tells: hyperparameters in full, the end of the log, the traceback. */

import type { Json } from '../contract';
import { cleanLog, clock, plain, show } from '../format';
import { kindOf, type Trial } from '../state';
import type { Store } from '../store';
import { secondsOf } from './columns';
import { button, h, setHidden, setText } from './dom';
import { noteOf } from './marks';

/** No more of a text is laid out: a megabyte would freeze the page. */
const MOST = 20_000;

export class Detail {
  readonly element: HTMLElement;
  readonly trial: Trial;
  private readonly store: Store;
  private readonly facts = h('div', 'maggy-detail-facts');
  private readonly caption = h('span');
  private readonly log = h('pre', 'maggy-text', { tabindex: 0, 'aria-label': 'Log' });
  private readonly failure = h('section', 'maggy-failure');
  private logText: string | null = null;
  private shown = -1;
  private wasLive = false;

  constructor(store: Store, trial: Trial) {
    this.store = store;
    this.trial = trial;
    const log = h('section', '', {}, h('div', 'maggy-small maggy-muted', {}, this.caption), this.log);
    const cell = h(
      'div',
      'maggy-detail-cell',
      { role: 'gridcell' },
      this.facts,
      h('div', 'maggy-detail-texts', {}, log, this.failure),
    );
    this.element = h('div', 'maggy-detail', { role: 'row' }, cell);
    this.readLog();
    this.update();
  }

  /** Asks for the log's end; its answer comes by way of the store. */
  readLog(): void {
    this.store.request({ type: 'ReadLog', trial: this.trial.id });
  }

  /** Asks again while there may be more: while the trial runs, and once after it ended. */
  poll(): void {
    const { live } = this;
    if (live || this.wasLive) this.readLog();
    this.wasLive = live;
  }

  private get live(): boolean {
    return kindOf(this.trial) === 'running';
  }

  update(): void {
    this.writeLog();
    if (this.trial.revision === this.shown) return;
    this.shown = this.trial.revision;
    this.facts.replaceChildren(...this.factsOf());
    setHidden(this.failure, this.trial.traceback === null);
    if (this.trial.traceback !== null && !this.failure.childElementCount)
      this.writeFailure(this.trial.traceback);
  }

  private factsOf(): HTMLElement[] {
    const { trial, store } = this;
    const told = (trial.objectives ?? []).map(
      (value, i) => [store.state.objectives[i] ?? '', value] as const,
    );
    const named: (readonly [string, Json])[] = [...told, ...Object.entries(trial.params)];
    const params = named.map(([name, value]) => fact(plain(name, 80), full(value)));
    const seconds = secondsOf(trial, store);
    const worker = store.state.workers.get(trial.worker ?? '');
    if (seconds !== null && !this.live) params.push(fact('time', clock(seconds)));
    if (worker) params.push(fact('worker', `${worker.number} on ${plain(worker.host, 60)}`));
    const note = trial.error ?? noteOf(trial, store.state);
    if (store.state.phase === 'RUNNING')
      params.push(button('maggy-link', 'Run again', () => this.runAgain()));
    if (note) params.push(h('span', 'maggy-detail-note', {}, plain(note, 1000)));
    return params;
  }

  private runAgain(): void {
    this.store.request({
      type: 'EnqueueTrial',
      params: { ...this.trial.params } as { [name: string]: Json },
    });
  }

  private writeLog(): void {
    const log = this.store.log(this.trial.id);
    if (!log) {
      setText(this.caption, this.noLog());
      return;
    }
    if (log.text === this.logText) return;
    this.logText = log.text;
    const { text, missing } = tail(log.text, log.missing);
    setText(this.caption, caption(text, missing));
    setHidden(this.log, !text);
    writeTail(this.log, cleanLog(text));
  }

  private noLog(): string {
    if (this.trial.attempt === 0) return 'Log: it has not started';
    return this.store.connection.kind === 'live' ? 'Log: asking for it' : 'Log: out of reach';
  }

  private writeFailure(traceback: string): void {
    const { text, missing } = tail(traceback, 0);
    const copy = button('maggy-link', 'Copy', () => void copyText(traceback, copy));
    const box = h('pre', 'maggy-text', { tabindex: 0, 'aria-label': 'Traceback' });
    writeTraceback(box, text);
    const left = missing ? `Traceback, without its first ${missing} characters` : 'Traceback';
    this.failure.append(h('div', 'maggy-small maggy-muted', {}, h('span', '', {}, left), copy), box);
    // The last line says what was wrong.
    requestAnimationFrame(() => {
      box.scrollTop = box.scrollHeight;
    });
  }
}

function fact(name: string, value: string): HTMLElement {
  return h('span', 'maggy-pair', {}, h('i', '', {}, `${name} `), value);
}

/** A value with all its digits. */
function full(value: Json): string {
  return typeof value === 'number' ? String(value) : plain(show(value), 500);
}

function tail(text: string, missing: number): { text: string; missing: number } {
  if (text.length <= MOST) return { text, missing };
  return { text: text.slice(-MOST), missing: missing + text.length - MOST };
}

function caption(text: string, missing: number): string {
  if (!text) return 'Log: nothing was printed';
  return missing ? `Log, the end of it (${missing.toLocaleString('en')} characters before)` : 'Log';
}

/** Stays at the end where the reader is at the end. */
function writeTail(box: HTMLElement, text: string): void {
  const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 8;
  setText(box, text);
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function writeTraceback(box: HTMLElement, traceback: string): void {
  const trimmed = traceback.trimEnd();
  const cut = trimmed.lastIndexOf('\n') + 1;
  box.replaceChildren(trimmed.slice(0, cut), h('b', '', {}, trimmed.slice(cut)));
}

async function copyText(text: string, said: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = 'Copied';
  } catch {
    said.textContent = 'Select the text to copy it';
  }
}
