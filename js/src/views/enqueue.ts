/** The small form that adds a trial with hyperparameters of the person's choice. */

import type { Json } from '../contract';
import { labelOf, plain, show } from '../format';
import { exists, isInterval, type Parameter } from '../parameters';
import type { Trial } from '../state';
import type { Store } from '../store';
import { button, h } from './dom';

interface Field {
  parameter: Parameter;
  element: HTMLInputElement | HTMLSelectElement;
}

/** The form, filled with the selected trial's hyperparameters, else the best one's. */
export function enqueueForm(store: Store, close: () => void): HTMLFormElement {
  const { parameters } = store.state;
  const like = store.state.byId.get(store.ui.selected ?? '') ?? store.state.best;
  const fields = parameters.map(parameter => ({ parameter, element: fieldOf(parameter, like) }));
  const labels = fields.map(({ parameter, element }) =>
    h(
      'label',
      'maggy-field',
      {},
      h('span', 'maggy-small maggy-muted', { title: parameter.name }, plain(parameter.name)),
      element,
    ),
  );
  const form = h(
    'form',
    'maggy-enqueue',
    { 'aria-label': 'Add a trial' },
    h('p', 'maggy-small maggy-muted', {}, introduction(parameters, like)),
    h('div', 'maggy-fields', {}, ...labels),
    h(
      'div',
      'maggy-actions',
      {},
      h('button', 'maggy-button maggy-primary', { type: 'submit' }, 'Add trial'),
      button('maggy-button', 'Cancel', close),
    ),
  );
  const update = () => {
    const params = readParams(fields);
    for (const [i, { parameter, element }] of fields.entries()) {
      element.disabled = !(parameter.name in params);
      const label = labels[i];
      if (label) label.style.display = element.disabled ? 'none' : '';
    }
  };
  form.addEventListener('input', update);
  update();
  form.addEventListener('submit', event => {
    event.preventDefault();
    store.request({ type: 'EnqueueTrial', params: readParams(fields) });
    close();
  });
  form.addEventListener('keydown', event => {
    if (event.key === 'Escape') close();
  });
  return form;
}

function introduction(parameters: Parameter[], like: Trial | null): string {
  if (!parameters.length) return 'This search has no hyperparameters: its function runs once more.';
  const from = like ? `, filled in from trial ${like.number}` : '';
  return `A trial with these hyperparameters runs next, in addition to those planned${from}.`;
}

function fieldOf(parameter: Parameter, like: Trial | null): HTMLInputElement | HTMLSelectElement {
  const given = like?.params[parameter.name];
  return isInterval(parameter) ? numberField(parameter, given) : choiceField(parameter, given);
}

function numberField(parameter: Parameter, given: Json | undefined): HTMLInputElement {
  const [low, high] = parameter.values.map(Number);
  const step = parameter.step ?? (parameter.type === 'INTEGER' ? 1 : 'any');
  const value = typeof given === 'number' ? given : (low ?? 0);
  const title = `${show(low)} to ${show(high)}`;
  return h('input', 'maggy-input', {
    type: 'number',
    min: low,
    max: high,
    step,
    value,
    required: true,
    title,
  });
}

function choiceField(parameter: Parameter, given: Json | undefined): HTMLSelectElement {
  const chosen = JSON.stringify(given);
  const options = parameter.values.map((value, i) =>
    h('option', '', { value: i, selected: JSON.stringify(value) === chosen }, labelOf(parameter, value)),
  );
  return h('select', 'maggy-input', {}, ...options);
}

/** Of those that exist; own properties only, whatever the names are. */
function readParams(fields: Field[]): { [name: string]: Json } {
  const params: { [name: string]: Json } = Object.create(null);
  for (const field of fields) {
    if (exists(field.parameter, params)) params[field.parameter.name] = readField(field);
  }
  return Object.fromEntries(Object.entries(params));
}

function readField({ parameter, element }: Field): Json {
  return isInterval(parameter) ? Number(element.value) : (parameter.values[Number(element.value)] ?? null);
}
