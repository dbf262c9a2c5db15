/** One row of the table. Rows are used again for other trials while the table scrolls. */

import { kindOf, type Trial } from '../state';
import type { Store } from '../store';
import type { Column, Scale } from './columns';
import { h } from './dom';
import { markOf, markWords } from './marks';
import { drawSparkline } from './sparkline';
import { progressOf } from './summary';

export interface Look {
  selected: boolean;
  hovered: boolean;
  open: boolean;
  index: number;
}

export class Row {
  readonly element = h('div', 'maggy-row', { role: 'row' });
  trial: Trial | null = null;
  /** Whether the sparkline shows what it should. */
  drawn = false;

  private readonly texts: { column: Column; node: Text }[] = [];
  private readonly caret = h('button', 'maggy-caret', { type: 'button', tabindex: -1, 'data-act': 'open' });
  private readonly mark = h('span', 'maggy-mark', { role: 'img' });
  private readonly spark = h('canvas', 'maggy-spark', { 'aria-hidden': 'true' });
  private readonly fill = h('i', 'maggy-fill');
  private readonly step = document.createTextNode('');
  private readonly stop = h('button', 'maggy-link maggy-stop', {
    type: 'button',
    tabindex: -1,
    'data-act': 'stop',
  });
  private readonly store: Store;
  private readonly prefix: string;
  private readonly sparkWidth: number;
  private y = Number.NaN;
  private index = 0;
  private shown = '';

  constructor(store: Store, columns: Column[], prefix: string) {
    this.store = store;
    this.prefix = prefix;
    this.sparkWidth = (columns.find(column => column.name === 'spark')?.width ?? 12) - 12;
    this.spark.style.width = `${this.sparkWidth}px`;
    this.element.append(...columns.map((column, i) => this.cell(column, i)));
  }

  /** Puts the row where it belongs; off the page for NaN. */
  place(y: number): void {
    if (Object.is(y, this.y)) return;
    this.y = y;
    this.element.style.transform = Number.isNaN(y) ? 'translateY(-9999px)' : `translateY(${y}px)`;
  }

  /** Shows the trial. Does nothing where neither trial nor look changed, save for running times. */
  show(trial: Trial, look: Look, scale: Scale): void {
    const { state, asked, connection } = this.store;
    const kind = kindOf(trial);
    const best = trial === state.best;
    const stopping = kind === 'running' && (trial.status === 'STOPPING' || asked.has(trial.id));
    const flags = `${look.selected}${look.hovered}${look.open}${best}${stopping}${state.phase}${connection.kind}`;
    const shown = `${trial.id}\n${trial.revision}\n${flags}\n${scale.decimals}\n${scale.longest}`;
    this.number(look.index + 2);
    if (shown === this.shown) {
      if (kind === 'running') this.writeTexts(trial);
      return;
    }
    if (trial !== this.trial || !this.shown.startsWith(`${trial.id}\n${trial.revision}\n`))
      this.drawn = false;
    this.shown = shown;
    this.trial = trial;
    this.writeTexts(trial);
    this.writeLook(trial, look);
    this.writeStep(trial, scale);
    this.writeStop(trial, stopping, look.selected);
  }

  /** Draws the sparkline, which `show` leaves for a moment with time. */
  draw(scale: Scale): void {
    this.drawn = true;
    if (this.sparkWidth <= 0 || !this.trial) return;
    this.spark.style.visibility = '';
    drawSparkline(this.spark, this.trial.curve, scale, this.sparkWidth, getComputedStyle(this.spark).color);
  }

  /** Rather nothing than the curve of another trial. */
  hideStale(): void {
    if (!this.drawn) this.spark.style.visibility = 'hidden';
  }

  private number(index: number): void {
    if (index === this.index) return;
    this.index = index;
    this.element.setAttribute('aria-rowindex', String(index));
  }

  private cell(column: Column, index: number): HTMLElement {
    const cell = h('div', `maggy-cell maggy-c-${column.text ? 'text' : column.name}`, {
      role: 'gridcell',
      'aria-colindex': index + 1,
    });
    if (column.width === null) cell.classList.add('maggy-c-note');
    else cell.style.width = `${column.width}px`;
    if (column.right) cell.classList.add('maggy-right');
    if (column.name === 'metric') cell.classList.add('maggy-c-metric');
    const inside: { [name: string]: HTMLElement } = {
      caret: this.caret,
      mark: this.mark,
      spark: this.spark,
      stop: this.stop,
    };
    const child = inside[column.name];
    if (child) cell.append(child);
    else if (column.name === 'step')
      cell.append(h('span', 'maggy-track', {}, this.fill), h('span', 'maggy-steps', {}, this.step));
    if (column.text) {
      const node = document.createTextNode('');
      cell.append(node);
      this.texts.push({ column, node });
    }
    return cell;
  }

  private writeTexts(trial: Trial): void {
    for (const { column, node } of this.texts) {
      const text = column.text?.(trial, this.store) ?? '';
      if (node.data === text) continue;
      node.data = text;
      if (column.width === null && node.parentElement) node.parentElement.title = text;
    }
  }

  private writeLook(trial: Trial, look: Look): void {
    const mark = markOf(trial, this.store.state);
    const kind = kindOf(trial);
    const { element } = this;
    element.id = rowId(this.prefix, trial);
    element.className = `maggy-row maggy-is-${kind}${mark === 'best' ? ' maggy-is-best' : ''}`;
    element.classList.toggle('maggy-selected', look.selected);
    element.classList.toggle('maggy-hovered', look.hovered);
    element.classList.toggle('maggy-open', look.open);
    element.classList.toggle('maggy-still', this.store.connection.kind !== 'live');
    element.setAttribute('aria-selected', String(look.selected));
    this.mark.className = `maggy-mark maggy-mark-${mark}`;
    const words = markWords(trial, this.store.state);
    this.mark.setAttribute('aria-label', words);
    this.mark.title = words;
    this.caret.setAttribute('aria-label', `${look.open ? 'Close' : 'Open'} trial ${trial.number}`);
    this.caret.setAttribute('aria-expanded', String(look.open));
  }

  private writeStep(trial: Trial, scale: Scale): void {
    const step = trial.curve.lastStep;
    const text = step === null ? '' : String(step);
    if (this.step.data !== text) this.step.data = text;
    this.fill.style.transform = `scaleX(${progressOf(trial, scale.longest)})`;
  }

  private writeStop(trial: Trial, stopping: boolean, selected: boolean): void {
    const { stop } = this;
    if (kindOf(trial) !== 'running') return;
    stop.textContent = stopping ? 'stopping' : 'Stop';
    stop.disabled = stopping;
    stop.setAttribute(
      'aria-label',
      stopping ? `Trial ${trial.number} is stopping` : `Stop trial ${trial.number}`,
    );
    stop.tabIndex = selected ? 0 : -1;
  }
}

/** The id on the page of a trial's row in the table with this prefix. */
export function rowId(prefix: string, trial: Trial): string {
  return `${prefix}-${trial.number}`;
}
