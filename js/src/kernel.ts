/** Notices that the kernel behind a widget is gone. */
import type { WidgetModel } from '@jupyter-widgets/base';
import type { Kernel } from '@jupyterlab/services';

const GONE: Partial<Record<Kernel.Status, string>> = {
  restarting: 'The kernel was restarted.',
  autorestarting: 'The kernel was restarted.',
  dead: 'The kernel has ended.',
  terminating: 'The kernel was shut down.',
};

/** Calls `gone` once with the reason when the model's kernel ends or restarts. */
export function watchKernel(model: WidgetModel, gone: (reason: string) => void): void {
  let over = false;
  const end = (reason: string | undefined) => {
    if (over || !reason) return;
    over = true;
    gone(reason);
  };
  model.on('comm_live_update', () => end(model.comm_live ? undefined : GONE.restarting));
  model.on('comm:close', () => end('The view was closed in the kernel.'));
  // The manager of JupyterLab knows its kernel; its interface, made for all hosts, does not say so.
  const { kernel } = model.widget_manager as { kernel?: Kernel.IKernelConnection | null };
  kernel?.statusChanged.connect((_, status) => end(GONE[status]));
  kernel?.disposed.connect(() => end(GONE.terminating));
}
