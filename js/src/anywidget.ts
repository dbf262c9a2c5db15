/** The host where no extension can be installed: the module that anywidget runs for each part. */
import { installStyle, storeOf } from './host';
import type { ModelCalls } from './store';
import { renderPart } from './views';

/** What we need of what anywidget hands to `render`. */
interface Rendering {
  el: HTMLElement;
  model: ModelCalls & { widget_manager: { get_model(id: string): Promise<ModelCalls> } };
}

/** A reference to a model, as ipywidgets spells it. */
const PREFIX = 'IPY_MODEL_';

async function render({ model, el }: Rendering): Promise<() => void> {
  installStyle();
  el.classList.add('maggy-part');
  const id = String(model.get('search')).slice(PREFIX.length);
  // The manager's own model, the same for all parts: each module has a model object of its own.
  const search = await model.widget_manager.get_model(id);
  return renderPart(String(model.get('part')), { store: storeOf(search), el });
}

export default { render };
