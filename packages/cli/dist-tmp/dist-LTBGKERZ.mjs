import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  require_dist
} from "./chunk-YZGW35GG.mjs";
import "./chunk-EX44SRZ5.mjs";
export default require_dist();
