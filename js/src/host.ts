/** What every host of the views shares: one Store per search, and one stylesheet per page. */
import css from './maggy.css';
import { type ModelCalls, Store } from './store';

// Each anywidget brings a copy of this module, so what they share hangs on the page itself.
const STORES = Symbol.for('maggy.stores');

type Stores = WeakMap<object, Store>;

/** The Store of the search with this model: made at the first call, the same at each further one. */
export function storeOf(model: ModelCalls): Store {
  const page = globalThis as { [STORES]?: Stores };
  page[STORES] ??= new WeakMap();
  let store = page[STORES].get(model);
  if (!store) {
    store = new Store(model);
    page[STORES].set(model, store);
  }
  return store;
}

/** Puts the stylesheet into the page, unless it is there already. */
export function installStyle(): void {
  const id = 'maggy-style';
  if (document.getElementById(id)) return;
  const style = document.createElement('style');
  style.id = id;
  style.textContent = css;
  document.head.append(style);
}
