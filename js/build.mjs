/** Bundles the TypeScript: for the JupyterLab extension and, as one module, for anywidget. */
import { build } from 'esbuild';

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.css': 'text' },
  logLevel: 'warning',
};

await Promise.all([
  // JupyterLab's builder goes on from here: packages that the lab has already are shared, not bundled.
  build({ ...common, entryPoints: ['js/src/plugin.ts'], outfile: 'js/lib/plugin.js', packages: 'external' }),
  build({
    ...common,
    entryPoints: ['js/src/anywidget.ts'],
    outfile: 'maggy_widgets/static/anywidget.js',
    minify: true,
  }),
]);
