import { spawn } from 'node:child_process';
import { clearTimeout, setTimeout } from 'node:timers';

const isWindows = process.platform === 'win32';
const running = new Set();

/** Ends a process with all that it started. */
function end(child) {
  try {
    if (isWindows) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends the processes that `run` started and that still run. */
export function endAll() {
  for (const child of running) end(child);
}

/**
 * Runs a command without a shell and without input, for at most `limit` seconds; returns its output, both streams
 * together. Throws if it fails, with the lines that show the reason.
 */
export function run(command, args, { cwd, env = {}, limit = 600 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to be ended as one.
      detached: !isWindows,
    });
    running.add(child);
    let output = '';
    let late = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    const timer = setTimeout(() => {
      late = true;
      end(child);
    }, limit * 1000);
    const over = (failure) => {
      clearTimeout(timer);
      running.delete(child);
      if (failure === undefined) resolve(output);
      else reject(new Error([failure, ...tellingLines(output)].join('\n')));
    };
    child.on('error', (error) => {
      over(error.code === 'ENOENT' ? `${command} is not installed` : error.message);
    });
    child.on('close', (code, signal) => {
      if (late) over(`${command} was not done after ${limit} s`);
      else over(code === 0 ? undefined : `${command} ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

const noise = /^WARNING|^\s*at |stack\s+at |build error\s*$|^\s*$/;

/** The first lines of a command's output that mention an error, or else the last lines. */
export function tellingLines(output, atMost = 4) {
  const lines = output.split('\n').filter((line) => !noise.test(line));
  const errors = lines.filter((line) => /error[: ]|ERR!|not found|no such/i.test(line));
  const chosen = errors.length > 0 ? errors.slice(0, atMost) : lines.slice(-atMost);
  return chosen.map((line) => (line.length > 200 ? `${line.slice(0, 200)}…` : line));
}
