/** `afflux dev` as a measured process: the command as it is installed, its output read instead of shown. */
import { serveQuestions } from './child.ts';

interface CommandLine {
  readonly main: (args: readonly string[], io: unknown) => Promise<number>;
}

await serveQuestions(async () => {
  const bundle = new URL('../../../packages/cli/bundle/main.mjs', import.meta.url);
  const { main } = (await import(bundle.href)) as CommandLine;
  const url = await new Promise<string>((resolve) => {
    const io = {
      out: (text: string) => {
        const ready = /^ready {2}events (\S+)/m.exec(text);
        if (ready?.[1] !== undefined) resolve(ready[1]);
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
    void main(['dev', '-f', process.argv[2] ?? '', '--port', '0', '--control-port', '0'], io);
  });
  return { address: () => url };
});
