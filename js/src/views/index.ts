/** The parts of the view by name. */

import { renderCurves } from './curves';
import type { Context } from './dom';
import { renderHeader } from './header';
import { renderSpace } from './space';
import { renderTable } from './table';

export type { Context };

type Render = (context: Context) => () => void;

const PARTS = new Map<string, Render>([
  ['header', renderHeader],
  ['space', renderSpace],
  ['curves', renderCurves],
  ['trials', renderTable],
]);

/**
 * Draws a part into the element; returns what takes it away again. Keys pressed there are not meant for the
 * notebook (D D deletes a cell): its shortcuts look at the attribute, its own listeners come after ours.
 */
export function renderPart(part: string, { store, el }: Context): () => void {
  const render = PARTS.get(part);
  if (!render) throw new Error(`there is no part ${part}`);
  el.classList.add('maggy', `maggy-${part}`);
  el.dataset.lmSuppressShortcuts = 'true';
  const end = render({ store, el });
  el.addEventListener('keydown', keep);
  return () => {
    el.removeEventListener('keydown', keep);
    end();
  };
}

function keep(event: KeyboardEvent): void {
  event.stopPropagation();
}
