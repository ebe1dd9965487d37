import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** A command that runs a script in TypeScript on the sources of our packages, as a process of its own. */
export const typescriptNode = [process.execPath, '--conditions=@edjm/source', '--import', loader] as const;
