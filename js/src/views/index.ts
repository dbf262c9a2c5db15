/** The parts of the view by name. */

import type { Store } from '../store';

/** What a part draws: the store's search, into the element. */
export interface Context {
  store: Store;
  el: HTMLElement;
}

/** Draws a part into the element; returns what takes it away again. */
export function renderPart(part: string, { store, el }: Context): () => void {
  const draw = () => {
    el.textContent = `${part}: ${store.connection.kind} ${store.connection.reason} ${store.state.number}`;
  };
  draw();
  return store.subscribe(draw);
}
