/** The note beside the pointer. It takes no room and no clicks. */

import { within } from './labels';

export interface Note {
  title: string;
  strong?: string | undefined;
  muted?: string | undefined;
  words?: string[];
}

export class Tooltip {
  private readonly box: HTMLElement;
  private readonly host: HTMLElement;
  private shown = '';
  private size = { width: 0, height: 0 };

  constructor(host: HTMLElement) {
    this.host = host;
    this.box = document.createElement('div');
    this.box.className = 'maggy-tip';
    this.box.hidden = true;
    this.box.setAttribute('aria-hidden', 'true');
    host.append(this.box);
  }

  /** Shows the note beside the point (CSS pixels in the host), on the side where there is room. */
  show(note: Note, x: number, y: number): void {
    const key = JSON.stringify(note);
    if (key !== this.shown) this.fill(note);
    this.shown = key;
    this.box.hidden = false;
    const { width, height } = this.size;
    const room = this.host.clientWidth;
    const left = x + 14 + width > room ? x - 14 - width : x + 14;
    this.box.style.left = `${within(left, 0, Math.max(0, room - width))}px`;
    this.box.style.top = `${within(y + 14, 0, Math.max(0, this.host.clientHeight - height))}px`;
  }

  private fill(note: Note): void {
    this.box.replaceChildren(
      line('maggy-tip-title', note.title),
      line('', note.strong ?? '', note.muted ?? ''),
      line('maggy-tip-words', ...(note.words ?? [])),
    );
    this.box.hidden = false;
    this.size = { width: this.box.offsetWidth, height: this.box.offsetHeight };
  }

  hide(): void {
    this.box.hidden = true;
  }

  dispose(): void {
    this.box.remove();
  }
}

function line(className: string, ...texts: string[]): HTMLElement {
  const el = document.createElement('div');
  el.className = className;
  for (const text of texts.filter(Boolean)) {
    const span = document.createElement('span');
    span.textContent = text;
    el.append(span);
  }
  return el;
}
