/**
 * `npm run scenarios -- --channel memory|durable|kafka|rabbitmq [files or options of vitest]`: the scenarios over
 * another channel.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const CHANNELS = ['memory', 'durable', 'kafka', 'rabbitmq'];

const { values, tokens } = parseArgs({
  strict: false,
  tokens: true,
  allowPositionals: true,
  options: { channel: { type: 'string', default: 'memory' } },
});
const channel = String(values['channel']);
if (!CHANNELS.includes(channel)) {
  process.stderr.write(`--channel ${channel}: expected one of ${CHANNELS.join(', ')}\n`);
  process.exit(2);
}
const own = tokens.find((token) => token.kind === 'option' && token.name === 'channel');
const ownIndexes = ownArguments(own);
const rest = process.argv.slice(2).filter((_, index) => !ownIndexes.includes(index));
const files = rest.some((argument) => !argument.startsWith('-')) ? [] : ['test/scenarios'];
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', '--config', 'test/vitest.config.ts', ...files, ...rest],
  { stdio: 'inherit', env: { ...process.env, AFFLUX_SCENARIO_CHANNEL: channel } },
);
process.exitCode = status ?? 1;

function ownArguments(token: (typeof tokens)[number] | undefined): readonly number[] {
  if (token?.kind !== 'option') return [];
  return token.inlineValue === true ? [token.index] : [token.index, token.index + 1];
}
