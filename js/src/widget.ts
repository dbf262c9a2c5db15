/** The host in JupyterLab and Notebook: models and views for the widget manager of the page. */
import {
  DOMWidgetModel,
  DOMWidgetView,
  type IBackboneModelOptions,
  type ISerializers,
  unpack_models,
  WidgetModel,
  WidgetView,
} from '@jupyter-widgets/base';
import { Brush, type FigureView, type MarkView, viewsOf } from './brush';
import { installStyle, storeOf } from './host';
import { offerReport } from './reports';
import { renderPart } from './views';

/** The one model of a search. It has no view of its own; the parts show it. */
export class SearchModel extends WidgetModel {
  override initialize(attributes: object, options: IBackboneModelOptions): void {
    super.initialize(attributes, options);
    // From now on, so that the Store misses no message.
    storeOf(this);
    offerReport(this.model_id, this);
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

/** A brush on a bqplot figure, which has it as its `interaction`. */
export class BrushModel extends WidgetModel {
  static override serializers: ISerializers = {
    ...WidgetModel.serializers,
    marks: { deserialize: unpack_models },
  };
}

export class BrushView extends WidgetView {
  override initialize(parameters: WidgetView.IInitializeParameters): void {
    // bqplot puts this into its picture.
    this.setElement(document.createElementNS('http://www.w3.org/2000/svg', 'g') as unknown as HTMLElement);
    super.initialize(parameters);
  }

  override render(): void {
    const figure: FigureView = this.options.parent;
    const brush = new Brush(this.el, this.model.get('colour'), inside => {
      for (const view of views) view.selector_changed(inside);
    });
    let views: MarkView[] = [];
    void viewsOf(figure, this.model.get('marks')).then(found => {
      views = found;
    });
    const resize = () => brush.resize(figure.plotareaWidth, figure.plotareaHeight);
    resize();
    this.listenTo(figure, 'margin_updated', resize);
  }
}
