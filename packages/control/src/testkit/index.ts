export { KIT_KINDS } from './kinds.ts';
export { kitAdmission } from './kit-admission.ts';
export { kitCrds } from './kit-crds.ts';
export { reconcileTable } from './reconcile-table.ts';
export type {
  ExpectedOutcome,
  ExpectedWrite,
  ReconcileRow,
  ReconcileTableOptions,
  TableWorld,
} from './reconcile-table.ts';
export { RecordingStore } from './recording-store.ts';
export type { RecordedWrite, WriteFailure, WriteVerb } from './recording-store.ts';
export type { StoreCapabilities, StoreUnderTest } from './store/bench.ts';
export { testStore } from './store/test-store.ts';
