import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  AffluxError
} from "./chunk-ZKZDKWPE.mjs";

// packages/cli/src/errors.ts
var CliError = class extends AffluxError {
};
function usageError(message) {
  return new CliError(message, { code: "AFFLUX_CLI_USAGE", fault: "user" });
}

export {
  CliError,
  usageError
};
