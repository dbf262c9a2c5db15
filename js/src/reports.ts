/** Final reports of the searches on this page, for the outputs that keep them in the notebook. */
import type { ModelCalls } from './store';

/** A report by MIME type. */
export type Report = Record<string, string>;

const models = new Map<string, ModelCalls>();
const watchers = new Set<() => void>();

/** From now on the model's report is known by the model's id. */
export function offerReport(id: string, model: ModelCalls): void {
  models.set(id, model);
  model.on('change:report', tell);
  model.on('destroy', () => models.delete(id));
  tell();
}

/** The report of the search with this model; null where it is not there, or has not ended. */
export function reportOf(id: string): Report | null {
  const report = models.get(id)?.get('report') as Report | undefined;
  return report && Object.keys(report).length ? report : null;
}

/** Calls back when a report may have come. Returns what ends that. */
export function watchReports(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function tell(): void {
  for (const watcher of [...watchers]) watcher();
}
