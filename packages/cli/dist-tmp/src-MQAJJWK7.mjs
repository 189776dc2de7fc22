import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  DataDirectory,
  DataError,
  META_TABLE,
  compactData,
  fileBytes,
  keys,
  nextTurn,
  openDataDirectory,
  openKeyValueTable,
  pairs,
  readTables,
  withStoppedDirectory
} from "./chunk-C622NW6F.mjs";
import "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";
export {
  DataDirectory,
  DataError,
  META_TABLE,
  compactData,
  fileBytes,
  keys,
  nextTurn,
  openDataDirectory,
  openKeyValueTable,
  pairs,
  readTables,
  withStoppedDirectory
};
