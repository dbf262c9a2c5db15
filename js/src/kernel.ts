/** Notices that the kernel behind a model is gone. */
import type { Kernel } from '@jupyterlab/services';
import type { ModelCalls } from './store';

const GONE: Partial<Record<Kernel.Status, string>> = {
  restarting: 'The kernel was restarted.',
  autorestarting: 'The kernel was restarted.',
  dead: 'The kernel has ended.',
  terminating: 'The kernel was shut down.',
};

/** What the models of Jupyter's widget managers have beyond the six calls; other hosts' may lack it. */
interface JupyterModel extends ModelCalls {
  comm_live?: boolean;
  widget_manager?: { kernel?: Kernel.IKernelConnection | null };
}

/** Calls `gone` once with the reason when the model's kernel ends or restarts. */
export function watchKernel(model: JupyterModel, gone: (reason: string) => void): void {
  let over = false;
  const end = (reason: string | undefined) => {
    if (over || !reason) return;
    over = true;
    gone(reason);
  };
  model.on('comm_live_update', () => end(model.comm_live ? undefined : GONE.restarting));
  model.on('comm:close', () => end('The view was closed in the kernel.'));
  const kernel = model.widget_manager?.kernel;
  kernel?.statusChanged.connect((_, status) => end(GONE[status]));
  kernel?.disposed.connect(() => end(GONE.terminating));
}
