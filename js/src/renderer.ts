/** Shows a search's output in a notebook: the live view, or the report where there is none any more. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel } from '@lumino/widgets';
import { reportOf, watchReports } from './reports';

export const VIEW_MIME = 'application/vnd.maggy.view+json';
const WIDGET_MIME = 'application/vnd.jupyter.widget-view+json';
const REPORT_MIME = 'text/html';
/** Milliseconds that a live view may take to come before the report is shown in its place. */
const PATIENCE = 300;

/** What we need of a notebook's panel. */
export interface NotebookPanel {
  content: { rendermime: Rendermime };
  sessionContext: { ready: Promise<void> };
}

interface Rendermime {
  addFactory(factory: IRenderMime.IRendererFactory, rank: number): void;
  createRenderer(mimeType: string): IRenderMime.IRenderer;
}

/** Makes the panel show searches by ViewRenderer, in preference to the bare widget. */
export function renderViews(panel: NotebookPanel): void {
  const factory = {
    // As the widgets' own: an untrusted notebook shows the report, sanitized.
    safe: false,
    mimeTypes: [VIEW_MIME],
    createRenderer: () => new ViewRenderer(panel),
  };
  panel.content.rendermime.addFactory(factory, -20);
}

class ViewRenderer extends Panel implements IRenderMime.IRenderer {
  private readonly panel: NotebookPanel;
  private model: IRenderMime.IMimeModel | null = null;
  private modelId = '';
  private view: IRenderMime.IRenderer | null = null;
  private report: IRenderMime.IRenderer | null = null;
  private readonly observer = new MutationObserver(() => this.choose());
  private readonly unwatch = watchReports(() => this.keepReport());

  constructor(panel: NotebookPanel) {
    super();
    this.panel = panel;
    this.addClass('maggy-output');
  }

  /** Called again when the output is updated: a view of the same search stays as it is. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const modelId = idIn(model, 'model_id');
    const same = modelId === this.modelId;
    this.model = model;
    this.modelId = modelId;
    if (!same) await this.showView();
    else if (this.report?.isDisposed === false) await this.report.renderModel(model);
    this.keepReport();
  }

  override dispose(): void {
    this.unwatch();
    this.observer.disconnect();
    super.dispose();
  }

  /**
   * Puts the final report into the notebook. The kernel does so, too, but JupyterLab drops that where the page
   * was loaded again since the cell ran.
   */
  private keepReport(): void {
    const { model } = this;
    const report = model && reportOf(idIn(model, 'search_id'));
    if (!report || Object.entries(report).every(([kind, text]) => model.data[kind] === text)) return;
    model.setData({ data: { ...model.data, ...report } });
  }

  private async showView(): Promise<void> {
    this.view?.dispose();
    this.view = null;
    setTimeout(() => this.choose(), PATIENCE);
    await this.panel.sessionContext.ready;
    // The widget manager waits for the same, and takes a few more steps before it is there.
    await new Promise(resolve => setTimeout(resolve));
    if (this.isDisposed || !this.model) return;
    const view = this.panel.content.rendermime.createRenderer(WIDGET_MIME);
    this.view = view;
    view.hide();
    this.addWidget(view);
    this.observer.observe(view.node, { childList: true });
    await view.renderModel(widgetModel(this.model, this.modelId));
    this.choose();
  }

  /** The widget manager fills the view when it has the model, and empties it when the model is closed. */
  private choose(): void {
    if (this.isDisposed) return;
    const live = this.view !== null && !this.view.isDisposed && !this.view.children().next().done;
    this.view?.setHidden(!live);
    if (!live) this.showReport();
    else this.report?.dispose();
  }

  private showReport(): void {
    if (!this.model || this.report?.isDisposed === false) return;
    this.report = this.panel.content.rendermime.createRenderer(REPORT_MIME);
    this.addWidget(this.report);
    void this.report.renderModel(this.model);
  }
}

function idIn(model: IRenderMime.IMimeModel, which: 'model_id' | 'search_id'): string {
  const data = model.data[VIEW_MIME] as { [id in typeof which]?: unknown } | undefined;
  return String(data?.[which]);
}

/** The output as the widget manager knows it, which names the widget itself. */
function widgetModel(model: IRenderMime.IMimeModel, modelId: string): IRenderMime.IMimeModel {
  const widget = { model_id: modelId, version_major: 2, version_minor: 0 };
  return {
    trusted: model.trusted,
    metadata: model.metadata,
    data: { ...model.data, [WIDGET_MIME]: widget },
    setData: () => {},
  };
}
