import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  CHANNEL_TYPES,
  configSchema,
  createAfflux,
  issueText,
  parseConfigText,
  validateManifests
} from "./chunk-2AWR3HH4.mjs";
import "./chunk-HYBGQZ4T.mjs";
import "./chunk-UTSDURX2.mjs";
import {
  ServerError
} from "./chunk-QQUSOQ2O.mjs";
import "./chunk-5INLJZWI.mjs";
import "./chunk-VF65DHRR.mjs";
import "./chunk-CPL45277.mjs";
import "./chunk-YZGW35GG.mjs";
import "./chunk-L3ZXLJED.mjs";
import "./chunk-QUSRWZCH.mjs";
import "./chunk-C4YO6LH5.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";
export {
  CHANNEL_TYPES,
  ServerError,
  configSchema,
  createAfflux,
  issueText,
  parseConfigText,
  validateManifests
};
