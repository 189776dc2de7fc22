import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  collect
} from "./chunk-TVFCL33F.mjs";
import {
  Command
} from "./chunk-5WFO4I6M.mjs";
import {
  CliError,
  usageError
} from "./chunk-HIHBXSAK.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/cli/src/commands/validate.ts
function validateCommand(io) {
  return new Command("validate").description("Check manifests: schema, defaults and rules, as dev would.").option("-f, --file <path>", "manifest file or directory; repeatable", collect, []).addHelpText(
    "after",
    `
Examples:
  $ afflux validate -f broker.yaml
  $ afflux validate -f deploy/ -f more/triggers.yaml`
  ).action(async (flags) => {
    if (flags.file.length === 0) throw usageError("name what to check: -f FILE or -f DIRECTORY");
    const { issueText, validateManifests } = await import("./src-EGCNLSMR.mjs");
    const report = await validateManifests(flags.file);
    for (const { kind, namespace, name } of report.applied) {
      io.out(`valid ${kind} ${namespace}/${name}
`);
    }
    for (const issue of report.issues) io.err(`error: ${issueText(issue, process.cwd())}
`);
    if (report.issues.length > 0) {
      throw new CliError(`${String(report.issues.length)} problem(s) found`, {
        code: "AFFLUX_CLI_FAILED"
      });
    }
  });
}
export {
  validateCommand
};
