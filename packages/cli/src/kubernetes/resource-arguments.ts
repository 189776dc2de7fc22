/**
 * What `get`, `describe`, `delete` and `wait` are asked about: `TYPE[,TYPE…] [NAME…]` or `TYPE/NAME…`. Pure, with
 * kubectl's words where it refuses.
 */
import { failedWith } from './failure.ts';

/** One type, and one name or all. */
export interface ResourceArgument {
  readonly type: string;
  readonly name: string | undefined;
}

/** Reads the arguments; empty for none. */
export function parseResourceArguments(args: readonly string[]): readonly ResourceArgument[] {
  const [first = '', ...names] = args;
  if (args.length === 0) return [];
  if (args.some((arg) => arg.includes('/'))) return args.map((arg) => typeAndName(arg, args));
  const types = first.split(',').map((type) => type.trim());
  const empty = types.find((type) => type === '');
  if (empty !== undefined) {
    throw failedWith(`error: the server doesn't have a resource type "${empty}"`);
  }
  if (names.length === 0) return types.map((type) => ({ type, name: undefined }));
  return types.flatMap((type) => names.map((name) => ({ type, name })));
}

function typeAndName(arg: string, args: readonly string[]): ResourceArgument {
  const [type = '', name = '', ...more] = arg.split('/');
  if (!arg.includes('/')) {
    throw failedWith(
      `error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'afflux get resource/<resource_name>' instead of 'afflux get resource resource/<resource_name>'): ${args.join(' ')}`,
    );
  }
  if (type === '' || name === '' || more.length > 0 || type.includes(',')) {
    throw failedWith('error: arguments in resource/name form must have a single resource and name');
  }
  return { type, name };
}

export interface Selection {
  readonly selector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly all?: boolean | undefined;
  readonly allNamespaces?: boolean | undefined;
}

/** Names and selections exclude each other. */
export function checkSelection(args: readonly ResourceArgument[], selection: Selection): void {
  const { selector, fieldSelector, all = false, allNamespaces = false } = selection;
  if (!args.some(({ name }) => name !== undefined)) return;
  if (selector !== undefined || fieldSelector !== undefined || all) {
    throw failedWith('error: name cannot be provided when a selector is specified');
  }
  if (allNamespaces) {
    throw failedWith('error: a resource cannot be retrieved by name across all namespaces');
  }
}

/** For commands that must not mean everything when nothing is named. */
export function requireNames(args: readonly ResourceArgument[], selection: Selection): void {
  checkSelection(args, selection);
  const { selector, fieldSelector, all = false } = selection;
  if (selector !== undefined || fieldSelector !== undefined || all) return;
  if (args.some(({ name }) => name === undefined)) {
    throw failedWith('error: resource(s) were provided, but no name was specified');
  }
}
