/** Which two axes a scatter shows. */

import { plain } from '../format';
import { h } from './dom';

export class Pickers {
  private readonly selects: readonly [HTMLSelectElement, HTMLSelectElement];
  private readonly host: HTMLElement;
  private names: string[] = [];

  constructor(host: HTMLElement, changed: () => void) {
    this.host = host;
    this.selects = [h('select'), h('select')];
    this.selects.forEach((select, i) => {
      select.addEventListener('change', changed);
      host.append(h('label', '', {}, i === 0 ? 'across' : 'up', select));
    });
  }

  /** Places in the list of names. */
  get x(): number {
    return this.selects[0].selectedIndex;
  }

  get y(): number {
    return this.selects[1].selectedIndex;
  }

  /** Offers these names; at first the first one across and the last one, the metric, up. */
  offer(names: string[]): void {
    if (names.length === this.names.length && names.every((name, i) => name === this.names[i])) return;
    this.names = names;
    this.selects.forEach((select, i) => {
      select.replaceChildren(...names.map(name => h('option', '', {}, plain(name, 60))));
      select.selectedIndex = i === 0 ? 0 : names.length - 1;
    });
  }

  dispose(): void {
    this.host.replaceChildren();
  }
}
