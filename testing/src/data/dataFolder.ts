import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of published networks and their reference values, which EDJM_DATA_DIR names. */
export const dataFolder: string | undefined = process.env['EDJM_DATA_DIR'];

/** The path of a file in the folder. */
export function inData(...parts: readonly string[]): string {
  return join(dataFolder ?? '', ...parts);
}

/** A JSON file in the folder. */
export function readData(...parts: readonly string[]): unknown {
  return JSON.parse(readFileSync(inData(...parts), 'utf8'));
}
