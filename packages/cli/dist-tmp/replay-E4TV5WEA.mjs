import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  watchJob
} from "./chunk-XHRHGPXN.mjs";
import {
  CONTROL_URL,
  ControlClient,
  pathOf
} from "./chunk-P4PFLBCY.mjs";
import "./chunk-NBWTCS4Q.mjs";
import {
  positive
} from "./chunk-TVFCL33F.mjs";
import "./chunk-HYBGQZ4T.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import {
  usageError
} from "./chunk-HIHBXSAK.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/replay.ts
function replayCommand(io) {
  return new Command("replay").description("Deliver events again that a broker or channel still keeps, to one subscriber.").argument("<name>", "the broker (with --trigger), or the channel (with --subscription)").option("--trigger <name>", "the trigger of the broker that gets them").option("--subscription <name>", "the subscription of the channel that gets them").requiredOption("--from <when>", "a time such as 2026-11-01T10:00:00Z, a position, or earliest").option("--to <when>", "a time or position, not included (default: what is there now)").option("--filter <cesql>", "only events that pass a CloudEvents SQL expression").option("--rate <perSecond>", "events per second (default: no limit)", positive).option("-n, --namespace <namespace>", "namespace", "default").option("--control <url>", "control port of the running Afflux", CONTROL_URL).addHelpText(
    "after",
    `
Examples:
  $ afflux replay shop --trigger payments --from 2026-11-01T10:00:00Z
  $ afflux replay shop --trigger payments --from earliest --filter "type = 'order.created'" --rate 100
  $ afflux replay orders --subscription audit --from earliest`
  ).action(async (name, flags) => {
    if (flags.trigger === void 0 === (flags.subscription === void 0)) {
      throw usageError(
        "say who gets the events: --trigger of a broker, or --subscription of a channel"
      );
    }
    const client = new ControlClient(flags.control);
    try {
      await replay(io, client, { name, flags });
    } finally {
      await client.close();
    }
  });
}
async function replay(io, client, { name, flags }) {
  const { trigger, subscription, from, to, filter, rate, namespace } = flags;
  const place = trigger === void 0 ? { channel: name } : { broker: name };
  const job = await client.post(pathOf(namespace, "replays"), {
    apiVersion: "afflux.dev/v1alpha1",
    kind: "Replay",
    spec: { ...place, trigger, subscription, from, to, filter, rate }
  });
  const progress = ({ scanned, replayed = 0 }) => `${String(replayed)} replayed, ${String(scanned)} looked at`;
  const status = await watchJob(io, { client, resource: "replays", job, progress });
  io.out(`replayed ${String(status.replayed ?? 0)} of ${String(status.scanned)} events
`);
}
export {
  replayCommand
};
