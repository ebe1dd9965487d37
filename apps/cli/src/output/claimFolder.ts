import { createHash } from 'node:crypto';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { EdjmError } from '@edjm/core';

/** Milliseconds that another process has to say who it is: it may be in the middle of a computation. */
const PATIENCE = 2000;

/** An answer is no longer. */
const ANSWER_LENGTH = 100;

/** A process that does not say who it is. */
const SOMEBODY = 'another process';

/**
 * Does work that writes results into a folder, and refuses to begin it while another run has the folder. The claim is a local socket, named
 * by the real path of the folder, which only one process can listen on. The system closes it with its process, so a killed run leaves no
 * claim. Where the system refuses such sockets, nothing is claimed.
 *
 * @param folder - need not exist yet; `undefined` for work that writes nothing.
 * @throws EdjmError `INVALID_ARGUMENT` if another run has the folder, and whatever the work throws.
 */
export async function claimFolder<T>(folder: string | undefined, work: () => Promise<T>): Promise<T> {
  const server = folder === undefined || folder === '' ? undefined : await claimed(folder);
  try {
    return await work();
  } finally {
    server?.close();
  }
}

async function claimed(folder: string): Promise<Server | undefined> {
  const path = await realPath(resolve(folder));
  const name = `edjm-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  const server = (await listening(socketOf(name))) ?? (await listeningInstead(socketOf(name), folder));
  return server === 'refused' ? undefined : server;
}

/** Listens where another process did, if that one has ended. */
async function listeningInstead(socket: string, folder: string): Promise<Server | 'refused'> {
  const holder = await holderOf(socket);
  if (holder === undefined) {
    if (isFile(socket)) await rm(socket, { force: true });
    const server = await listening(socket);
    if (server !== undefined) return server;
  }
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `--out ${folder}: expected a folder that no other run writes to, got one that ${holder ?? SOMEBODY} writes to. Wait until that run has ended, or choose another place.`,
  );
}

/** On Linux and Windows a name that vanishes with its process, elsewhere a file. */
function socketOf(name: string): string {
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
}

function isFile(socket: string): boolean {
  return socket.startsWith('/');
}

/** A server that tells everybody which process it is of. It keeps no process alive. `undefined` if the socket is taken. */
function listening(socket: string): Promise<Server | 'refused' | undefined> {
  return new Promise((done) => {
    const server = createServer((client) => {
      client.on('error', () => undefined);
      client.end(`process ${String(process.pid)}`);
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      done(error.code === 'EADDRINUSE' ? undefined : 'refused');
    });
    server.listen(socket, () => {
      done(server);
    });
    server.unref();
  });
}

/** The process that listens. `undefined` if there is none any more. */
function holderOf(socket: string): Promise<string | undefined> {
  return new Promise((done) => {
    const client = connect(socket);
    let text = '';
    const end = (holder: string | undefined): void => {
      client.destroy();
      done(holder);
    };
    client.setTimeout(PATIENCE);
    client.setEncoding('utf8');
    client.on('data', (part) => {
      text += String(part);
      if (text.length > ANSWER_LENGTH) end(SOMEBODY);
    });
    client.on('end', () => {
      end(/^process \d+$/.test(text) ? text : SOMEBODY);
    });
    client.on('timeout', () => {
      end(SOMEBODY);
    });
    client.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? undefined : SOMEBODY);
    });
  });
}

/** The path without symbolic links; its last parts need not exist. */
async function realPath(path: string): Promise<string> {
  const parent = dirname(path);
  return realpath(path).catch(async () =>
    parent === path ? path : join(await realPath(parent), basename(path)),
  );
}
