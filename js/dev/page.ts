/** All parts of the view on a made-up search; the address says which: ?plan=large&theme=dark&seed=3 */

import { installStyle } from '../src/host';
import { Store } from '../src/store';
import { renderPart } from '../src/views';
import { FakeModel } from './model';
import { BASE, PLANS } from './plans';

const chosen = new URLSearchParams(location.search);
const name = chosen.get('plan') ?? 'live';
const plan = { ...BASE, ...PLANS[name] };
for (const key of ['seed', 'trials', 'before', 'workers', 'frames', 'pace', 'steps'] as const) {
  const given = chosen.get(key);
  if (given !== null) plan[key] = Number(given);
}
const theme = chosen.get('theme');
if (theme) document.body.dataset.jpThemeLight = String(theme !== 'dark');

const links = document.querySelector('nav') as HTMLElement;
for (const other of Object.keys(PLANS)) {
  const link = document.createElement('a');
  link.textContent = other;
  link.href = `?${new URLSearchParams({ ...Object.fromEntries(chosen), plan: other })}`;
  if (other === name) link.setAttribute('aria-current', 'page');
  links.append(link);
}

installStyle();
const store = new Store(new FakeModel(plan));
const parts = (chosen.get('parts') ?? 'header,space,curves,trials').split(',');
for (const part of parts) {
  const el = document.querySelector(`[data-part="${part}"]`) as HTMLElement;
  renderPart(part, { store, el });
}
Object.assign(globalThis, { maggy: { store } });
