/** What every host of the views shares: one Store per search, and one stylesheet per page. */
import charts from './charts.css';
import header from './header.css';
import { watchKernel } from './kernel';
import base from './maggy.css';
import pages from './pages.css';
import { type ModelCalls, Store } from './store';
import table from './table.css';

// Each anywidget brings a copy of this module, so what they share hangs on the page itself.
const STORES = Symbol.for('maggy.stores');

type Stores = WeakMap<object, Store>;

/** The Store of the search with this model: made at the first call, the same at each further one. */
export function storeOf(model: ModelCalls): Store {
  const page = globalThis as { [STORES]?: Stores };
  page[STORES] ??= new WeakMap();
  const known = page[STORES].get(model);
  if (known) return known;
  const store = new Store(model);
  page[STORES].set(model, store);
  watchKernel(model, reason => store.disconnected(reason));
  return store;
}

/** Puts the stylesheet into the page, unless it is there already. */
export function installStyle(): void {
  const id = 'maggy-style';
  if (document.getElementById(id)) return;
  const style = document.createElement('style');
  style.id = id;
  style.textContent = base + header + pages + table + charts;
  document.head.append(style);
}
