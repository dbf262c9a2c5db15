/** Which two axes a scatter shows. */

import { plain } from '../format';
import { h } from './dom';

export class Pickers {
  private readonly selects: readonly [HTMLSelectElement, HTMLSelectElement];
  private readonly host: HTMLElement;
  private names: string[] = [];
  private chosen = false;

  constructor(host: HTMLElement, changed: () => void) {
    this.host = host;
    this.selects = [h('select'), h('select')];
    this.selects.forEach((select, i) => {
      select.addEventListener('change', () => {
        this.chosen = true;
        changed();
      });
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

  /** Offers these names; `first` are the places of those that are chosen as long as nobody chooses. */
  offer(names: string[], first: readonly [number, number]): void {
    if (names.length === this.names.length && names.every((name, i) => name === this.names[i])) return;
    const before = this.selects.map(select => this.names[select.selectedIndex]);
    this.names = names;
    this.selects.forEach((select, i) => {
      const kept = this.chosen ? names.indexOf(before[i] ?? '') : -1;
      select.replaceChildren(...names.map(name => h('option', '', {}, plain(name, 60))));
      select.selectedIndex = kept < 0 ? (first[i] ?? 0) : kept;
    });
  }

  dispose(): void {
    this.host.replaceChildren();
  }
}
