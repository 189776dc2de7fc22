import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  failed,
  pathOf
} from "./chunk-P4PFLBCY.mjs";

// packages/cli/src/job-watch.ts
var POLL_MS = 250;
async function watchJob(io, { client, resource, job, progress }) {
  const { namespace, name } = job.metadata;
  const path = pathOf(namespace, resource, name);
  let { status } = job;
  const line = progressLine(io);
  while (status.phase === "Running") {
    line.show(progress(status));
    await io.clock.sleep(POLL_MS, io.interrupted).catch(() => void 0);
    if (io.interrupted.aborted) {
      await client.delete(path);
      line.end();
      throw failed(`stopped; until then: ${progress(status)}`);
    }
    ({ status } = await client.get(path));
  }
  line.end();
  if (status.phase === "Succeeded") return status;
  throw failed(`${status.message ?? "the job was stopped"}; until then: ${progress(status)}`);
}
function progressLine(io) {
  let width = 0;
  return {
    show(text) {
      if (!io.isTerminal) return;
      io.err(`\r${text.padEnd(width)}`);
      width = text.length;
    },
    end() {
      if (width > 0) io.err(`\r${" ".repeat(width)}\r`);
      width = 0;
    }
  };
}

export {
  watchJob
};
