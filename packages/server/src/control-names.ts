/**
 * The names and addresses under which callers may reach the control port, for its certificate: those of loopback,
 * what the port was told to listen on, and what this machine is called and has on its interfaces.
 */
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** In one certificate; a machine with very many interfaces has more. The first ones are the important ones. */
const NAMES_MAX = 100;

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
/** They stand for every address. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '', '*']);
/** What a certificate may call a machine; some have names with spaces. */
const NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;

/** Host name and addresses of this machine, but for those that mean something on one link only. */
export function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [hostname(), ...addresses.map(({ address }) => address)].filter(
    (address) => !/^fe[89ab].:/i.test(address),
  );
}

/** What a certificate must have, each once, in a form that can stand in it. */
export function namesOf(
  host: string,
  allowedHosts: readonly string[],
  machine: readonly string[],
): string[] {
  const names = [...LOOPBACK, host, ...allowedHosts, ...machine].map(nameOf);
  const fitting = names.filter((name) => isIP(name) !== 0 || NAME.test(name));
  return [...new Set(fitting)].slice(0, NAMES_MAX);
}

/** Without port, brackets and zone; empty for what stands for all of them. */
function nameOf(text: string): string {
  const lower = text.toLowerCase();
  if (WILDCARDS.has(lower)) return '';
  const [, bracketed] = /^\[(.*)\](?::\d+)?$/.exec(lower) ?? [];
  const name = bracketed ?? (isIP(lower) === 0 ? lower.replace(/:\d+$/, '') : lower);
  const [address = ''] = name.split('%');
  return address.replace(/\.$/, '');
}
