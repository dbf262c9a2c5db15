import type { Json } from './contract';

/** One hyperparameter; `values` is [low, high] for DOUBLE and INTEGER, else the options. */
export interface Parameter {
  name: string;
  type: 'DOUBLE' | 'INTEGER' | 'DISCRETE' | 'CATEGORICAL';
  values: Json[];
  log: boolean;
  step: number | null;
  /** The others that it depends on, each with the values at which this one exists. */
  when: [name: string, values: Json[]][];
}

/** Whether it exists beside these others. */
export function exists(parameter: Parameter, params: { [name: string]: Json | undefined }): boolean {
  return parameter.when.every(([name, values]) => {
    const given = JSON.stringify(params[name]);
    return given !== undefined && values.some(value => JSON.stringify(value) === given);
  });
}

/** Reads the search space as ExperimentStarted has it: name -> [type, values] or [type, values, options]. */
export function readParameters(space: { [name: string]: Json }): Parameter[] {
  return Object.entries(space).map(([name, entry]) => {
    const [type, values, options] = Array.isArray(entry) ? entry : [];
    if (!isType(type) || !Array.isArray(values)) throw new Error('a hyperparameter is malformed');
    const { log, step, when } = isObject(options) ? options : {};
    return {
      name,
      type,
      values,
      log: log === true,
      step: typeof step === 'number' ? step : null,
      when: isObject(when)
        ? Object.entries(when).map(([other, at]) => [other, Array.isArray(at) ? at : [at]])
        : [],
    };
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
