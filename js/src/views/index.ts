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
 * notebook, where D D deletes a cell.
 */
export function renderPart(part: string, { store, el }: Context): () => void {
  const render = PARTS.get(part);
  if (!render) throw new Error(`there is no part ${part}`);
  el.classList.add('maggy', `maggy-${part}`);
  const end = render({ store, el });
  el.addEventListener('keydown', keep);
  el.addEventListener('focusin', mark);
  return () => {
    el.removeEventListener('keydown', keep);
    el.removeEventListener('focusin', mark);
    end();
  };
}

function keep(event: Event): void {
  event.stopPropagation();
}

/** Some hosts hear of keys before us. They look for this at what has the focus, and nowhere else. */
function mark({ target }: Event): void {
  if (target instanceof HTMLElement) target.dataset.lmSuppressShortcuts = 'true';
}
