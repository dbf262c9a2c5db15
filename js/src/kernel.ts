/** Notices that the kernel behind a widget is gone. */
import type { WidgetModel } from '@jupyter-widgets/base';
import type { Kernel } from '@jupyterlab/services';

const GONE: Partial<Record<Kernel.Status, string>> = {
  restarting: 'The kernel was restarted.',
  autorestarting: 'The kernel died and was restarted.',
  dead: 'The kernel died.',
  terminating: 'The kernel was shut down.',
};

/** Calls `gone` with the reason when the model's kernel ends or restarts. */
export function watchKernel(model: WidgetModel, gone: (reason: string) => void): void {
  model.on('comm_live_update', () => {
    if (!model.comm_live) gone('The kernel was restarted.');
  });
  // The manager of JupyterLab knows its kernel; its interface, made for all hosts, does not say so.
  const { kernel } = model.widget_manager as { kernel?: Kernel.IKernelConnection | null };
  if (!kernel) return;
  const listen = (_: unknown, status: Kernel.Status) => {
    const reason = GONE[status];
    if (reason) gone(reason);
  };
  kernel.statusChanged.connect(listen);
  kernel.disposed.connect(() => gone('The kernel was shut down.'));
  model.on('destroy', () => kernel.statusChanged.disconnect(listen));
}
