/**
 * The token of the control port: needed as soon as the port listens on anything but loopback. Kept for its owner
 * alone in the data directory, so that it stays the same over restarts; without one it is new with each start.
 */
import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { ServerError } from './errors.ts';

/** Bytes of chance in a token. */
const TOKEN_BYTES = 32;
/** A token in a file or in the environment; shorter ones could be guessed. */
const TOKEN_LENGTH_MIN = 16;
const OWNER_ONLY = 0o600;

const TOKEN_FILE = 'token';

/** A token and how its owner comes to know it. */
export interface ControlToken {
  readonly token: string;
  /** It was made just now: nobody has seen it yet. */
  readonly isNew: boolean;
  /** Where it is kept; undefined when it is not. */
  readonly file: string | undefined;
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** The token of a port at `host`; undefined where none is needed. Rejects when the file cannot be used. */
export async function controlToken(options: {
  readonly host: string;
  /** Given by the user, wins. */
  readonly token?: string | undefined;
  readonly dataDir?: string | undefined;
}): Promise<ControlToken | undefined> {
  const { host, token, dataDir } = options;
  if (token !== undefined) return { token, isNew: false, file: undefined };
  if (isLoopback(host)) return undefined;
  if (dataDir === undefined) return { token: newToken(), isNew: true, file: undefined };
  const file = join(dataDir, TOKEN_FILE);
  const kept = await keptToken(file);
  if (kept !== undefined) return { token: kept, isNew: false, file };
  const made = newToken();
  await writeFile(file, `${made}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  return { token: made, isNew: true, file };
}

async function keptToken(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(file, error);
  }
  const token = text.trim();
  if (token.length < TOKEN_LENGTH_MIN) throw unusable(file, 'it holds no token');
  await chmod(file, OWNER_ONLY);
  return token;
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

function unusable(file: string, cause: unknown): ServerError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ServerError(
    `the token of the control port in ${file} cannot be used: ${why}; remove the file to get a new one`,
    { code: 'AFFLUX_SERVER_TOKEN', fault: 'user', cause, details: { file } },
  );
}
