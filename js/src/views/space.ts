/** The search space: where the trials lie. Two ways to look at it; what is brushed in one stays in the other. */

import { Shell } from '../charts/shell';
import type { Store } from '../store';
import { h } from './dom';
import { Parallel } from './parallel';
import { Scatter } from './scatter';

type View = 'parallel' | 'scatter';
export type SpaceShell = Shell<View>;

const VIEWS = [
  { id: 'parallel', label: 'Parallel axes' },
  { id: 'scatter', label: 'Scatter' },
] as const;

export function renderSpace({ store, el }: { store: Store; el: HTMLElement }): () => void {
  let view: View = 'parallel';
  const shell = new Shell<View>(el, 'Hyperparameters', 'View of the search space', id => show(id));
  // Many axes are wider than the part; the plot scrolls in it.
  const scroll = h('div', 'maggy-scroll');
  shell.plot.replaceWith(scroll);
  scroll.append(shell.plot);
  const make = () => (view === 'parallel' ? new Parallel(store, shell) : new Scatter(store, shell));
  let shown = make();
  shell.offer(VIEWS, view);

  function show(id: View): void {
    if (id === view) return;
    view = id;
    shown.dispose();
    shown = make();
    shell.offer(VIEWS, view);
  }

  return () => {
    shown.dispose();
    shell.dispose();
  };
}
