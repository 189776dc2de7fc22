import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);

// packages/cli/src/package-root.ts
import { fileURLToPath } from "node:url";
var PACKAGE_ROOT = fileURLToPath(new URL("../", import.meta.url));

export {
  PACKAGE_ROOT
};
