/** What every chart has around its canvases: a heading, a choice, a note, words for screen readers. */

import { button, h, setText } from '../views/dom';

/** Milliseconds between two summaries. */
const SELDOM = 3000;

export interface Choice<Id extends string> {
  id: Id;
  label: string;
}

export class Shell<Id extends string> {
  readonly section = h('section', 'maggy-chart');
  readonly note = h('span', 'maggy-chart-note');
  readonly tools = h('div', 'maggy-chart-tools');
  readonly plot = h('div', 'maggy-plot');
  private readonly choices = h('div', 'maggy-choices');
  private readonly empty = h('p', 'maggy-empty');
  private readonly spoken = h('p', 'maggy-unseen');
  private readonly overview = h('p', 'maggy-unseen');
  private readonly chosen: (id: Id) => void;
  private latest = '';
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(el: HTMLElement, title: string, choose: string, chosen: (id: Id) => void) {
    this.chosen = chosen;
    const head = h('div', 'maggy-chart-head');
    const heading = h('h3');
    heading.textContent = title;
    this.choices.setAttribute('role', 'group');
    this.choices.setAttribute('aria-label', choose);
    this.spoken.setAttribute('aria-live', 'polite');
    this.empty.hidden = true;
    head.append(heading, this.note, this.choices);
    this.section.setAttribute('aria-label', title);
    this.section.append(head, this.tools, this.plot, this.overview, this.spoken);
    this.plot.append(this.empty);
    this.plot.setAttribute('role', 'application');
    this.plot.setAttribute('aria-roledescription', 'chart');
    this.plot.tabIndex = 0;
    el.append(this.section);
  }

  /** Shows these choices; none where there is only one. */
  offer(choices: readonly Choice<Id>[], active: Id): void {
    const wanted = choices.length > 1 ? choices : [];
    const there = [...this.choices.children] as HTMLButtonElement[];
    if (there.length !== wanted.length || wanted.some((c, i) => there[i]?.textContent !== c.label))
      this.choices.replaceChildren(...wanted.map(choice => this.buttonFor(choice)));
    wanted.forEach((choice, i) => {
      this.choices.children[i]?.setAttribute('aria-pressed', String(choice.id === active));
    });
  }

  /** Says kindly why there is nothing to see; empty where there is. */
  say(nothing: string): void {
    setText(this.empty, nothing);
    this.empty.hidden = nothing === '';
  }

  /** For screen readers, at once: what the keys moved to. */
  speak(text: string): void {
    setText(this.spoken, text);
  }

  /** For screen readers: what the chart shows; after the first words not more often than every few seconds. */
  describe(text: string): void {
    const first = this.latest === '';
    this.latest = text;
    if (first) this.tell();
    else this.timer ??= setTimeout(() => this.tell(), SELDOM);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.section.remove();
  }

  private tell(): void {
    this.timer = undefined;
    setText(this.overview, this.latest);
    this.plot.setAttribute('aria-label', this.latest);
  }

  private buttonFor(choice: Choice<Id>): HTMLButtonElement {
    return button('', choice.label, () => this.chosen(choice.id));
  }
}
