/** The extension of JupyterLab and Notebook: the widgets, and the renderer of a search's output. */
import { IJupyterWidgetRegistry } from '@jupyter-widgets/base';
import { name, version } from '../../package.json';
import { type NotebookPanel, renderViews } from './renderer';
import { BrushModel, BrushView, PartModel, PartView, SearchModel } from './widget';

/** What we need of the application. */
interface Application {
  docRegistry: {
    addWidgetExtension(factory: string, extension: { createNew(panel: NotebookPanel): void }): unknown;
  };
}

const widgets = {
  id: `${name}:widgets`,
  autoStart: true,
  requires: [IJupyterWidgetRegistry],
  activate: (_app: Application, registry: IJupyterWidgetRegistry): void => {
    registry.registerWidget({
      name,
      version,
      exports: { SearchModel, PartModel, PartView, BrushModel, BrushView },
    });
  },
};

const outputs = {
  id: `${name}:outputs`,
  autoStart: true,
  activate: (app: Application): void => {
    app.docRegistry.addWidgetExtension('Notebook', { createNew: renderViews });
  },
};

export default [widgets, outputs];
