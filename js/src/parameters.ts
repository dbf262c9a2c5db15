import type { Json } from './contract';

/** One hyperparameter; `values` is [low, high] for DOUBLE and INTEGER, else the options. */
export interface Parameter {
  name: string;
  type: 'DOUBLE' | 'INTEGER' | 'DISCRETE' | 'CATEGORICAL';
  values: Json[];
  log: boolean;
  step: number | null;
}

/** Reads the search space as ExperimentStarted has it: name -> [type, values] or [type, values, options]. */
export function readParameters(space: { [name: string]: Json }): Parameter[] {
  return Object.entries(space).map(([name, entry]) => {
    const [type, values, options] = Array.isArray(entry) ? entry : [];
    if (!isType(type) || !Array.isArray(values)) throw new Error('a hyperparameter is malformed');
    const { log, step } = isObject(options) ? options : {};
    return { name, type, values, log: log === true, step: typeof step === 'number' ? step : null };
  });
}

/** Whether its values lie on an interval. */
export function isInterval(parameter: Parameter): boolean {
  return parameter.type === 'DOUBLE' || parameter.type === 'INTEGER';
}

function isType(type: Json | undefined): type is Parameter['type'] {
  return type === 'DOUBLE' || type === 'INTEGER' || type === 'DISCRETE' || type === 'CATEGORICAL';
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
