/** Serves the views on made-up searches: `npm run dev`, then open what it prints. Nothing is written. */
import { context } from 'esbuild';

const page = await context({
  bundle: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.css': 'text' },
  entryPoints: ['js/dev/page.ts'],
  outdir: 'js/dev',
  sourcemap: 'inline',
  write: false,
});
const { port } = await page.serve({
  host: '127.0.0.1',
  servedir: 'js/dev',
  port: Number(process.env.PORT ?? 8123),
});
console.log(`http://127.0.0.1:${port}/`);
