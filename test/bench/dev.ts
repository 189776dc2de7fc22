/**
 * `afflux dev` as a measured process: the command as it is installed, its flags in the arguments, its output read
 * instead of shown.
 */
import { serveQuestions } from './child.ts';

interface CommandLine {
  readonly main: (args: readonly string[], io: unknown) => Promise<number>;
}

await serveQuestions(async () => {
  const bundle = new URL('../../../packages/cli/bundle/main.mjs', import.meta.url);
  const { main } = (await import(bundle.href)) as CommandLine;
  const [url, controlUrl] = await new Promise<readonly string[]>((resolve) => {
    const io = {
      out: (text: string) => {
        const ready = /^ready {2}events (\S+) {2}control (\S+)/m.exec(text);
        if (ready !== null) resolve(ready.slice(1));
      },
      err: (text: string) => void process.stderr.write(text),
      clock: {
        now: () => Date.now(),
        monotonicMs: () => performance.now(),
      },
      env: process.env,
      interrupted: new AbortController().signal,
      isTerminal: false,
    };
    void main(['dev', ...process.argv.slice(2), '--port', '0', '--control-port', '0'], io);
  });
  return { address: () => url, controlAddress: () => controlUrl };
});
