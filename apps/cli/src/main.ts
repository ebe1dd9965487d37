#!/usr/bin/env node
import { version } from './version.ts';

const [first, ...others] = process.argv.slice(2);
// The version needs nothing of what the commands load.
if (others.length === 0 && (first === '--version' || first === '-V')) process.stdout.write(`${version()}\n`);
else await (await import('./start.ts')).start();
