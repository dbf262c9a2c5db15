/** The host in JupyterLab and Notebook: models and views for the widget manager of the page. */
import {
  DOMWidgetModel,
  DOMWidgetView,
  type IBackboneModelOptions,
  type ISerializers,
  unpack_models,
  WidgetModel,
} from '@jupyter-widgets/base';
import { installStyle, storeOf } from './host';
import { renderPart } from './views';

/** The one model of a search. It has no view of its own; the parts show it. */
export class SearchModel extends WidgetModel {
  override initialize(attributes: object, options: IBackboneModelOptions): void {
    super.initialize(attributes, options);
    // From now on, so that the Store misses no message.
    storeOf(this);
  }
}

export class PartModel extends DOMWidgetModel {
  static override serializers: ISerializers = {
    ...DOMWidgetModel.serializers,
    search: { deserialize: unpack_models },
  };
}

export class PartView extends DOMWidgetView {
  private cleanup: (() => void) | undefined;

  override render(): void {
    super.render();
    this.el.classList.add('maggy-part');
    installStyle();
    const store = storeOf(this.model.get('search'));
    this.cleanup = renderPart(this.model.get('part'), { store, el: this.el });
  }

  override remove(): this {
    this.cleanup?.();
    this.cleanup = undefined;
    return super.remove();
  }
}
