/** The extension of JupyterLab and Notebook: the widgets, and the renderer of a search's output. */
import { IJupyterWidgetRegistry } from '@jupyter-widgets/base';
import packageJson from '../../package.json';
import { PartModel, PartView, SearchModel } from './widget';

const widgets = {
  id: 'maggy-widgets:widgets',
  autoStart: true,
  requires: [IJupyterWidgetRegistry],
  activate: (_app: unknown, registry: IJupyterWidgetRegistry): void => {
    registry.registerWidget({
      name: packageJson.name,
      version: packageJson.version,
      exports: { SearchModel, PartModel, PartView },
    });
  },
};

export default [widgets];
