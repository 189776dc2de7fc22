export { AddressResolver } from './address/address-resolver.ts';
export type {
  AddressResolverOptions,
  ResolveContext,
  ResolvedAddress,
} from './address/address-resolver.ts';
export { localServices } from './address/local-services.ts';
export type { ServiceRequest, ServiceResolver } from './address/service-resolver.ts';
export { ConfigWatcher } from './config-watcher.ts';
export type { ConfigWatcherOptions, FollowedConfig, FollowOptions } from './config-watcher.ts';
export { Controller } from './controller/controller.ts';
export type { ControllerOptions } from './controller/controller.ts';
export type { ReconcileContext, Reconciler } from './controller/reconciler.ts';
export {
  AddressError,
  ControlError,
  isAlreadyExists,
  isConflict,
  isExpired,
  isNotFound,
  PermanentError,
  RequeueAfter,
  SkipKey,
  StoreError,
} from './errors.ts';
export type {
  AddressErrorCode,
  AddressErrorReason,
  ControlErrorCode,
  StoreErrorCode,
  StoreErrorReason,
} from './errors.ts';
export type { CoreEvent, EventToRecord, EventType, InvolvedObject } from './events/core-event.ts';
export { EVENT_REAPER_LIMITS, EventReaper } from './events/event-reaper.ts';
export type { EventReaperLimits, EventReaperOptions } from './events/event-reaper.ts';
export { EVENT_RECORDER_LIMITS, EventRecorder } from './events/event-recorder.ts';
export type { EventRecorderLimits, EventRecorderOptions } from './events/event-recorder.ts';
export { allIdle } from './idle.ts';
export type { Idling } from './idle.ts';
export { Informer } from './informer/informer.ts';
export type { ChangeHandler, InformerOptions, ObjectChange } from './informer/informer.ts';
export { InformerSet } from './informer/informer-set.ts';
export type { InformerSetOptions } from './informer/informer-set.ts';
export { byLabel, byOwnerUid } from './informer/object-cache.ts';
export type { IndexFunction } from './informer/object-cache.ts';
export type { JournalEntry, ObjectJournal } from './memory/object-journal.ts';
export { MEMORY_STORE_LIMITS } from './memory/limits.ts';
export type { MemoryStoreLimits } from './memory/limits.ts';
export { MemoryStore } from './memory/memory-store.ts';
export type { MemoryStoreOptions } from './memory/memory-store.ts';
export { applyPatch } from './patch/apply-patch.ts';
export { managerFromUserAgent } from './patch/field-manager.ts';
export { WorkQueue } from './queue/work-queue.ts';
export type { Lane, WorkQueueOptions } from './queue/work-queue.ts';
export { ConvertingStore } from './store/converting-store.ts';
export type { StoredAs, StoredForm } from './store/converting-store.ts';
export { mutableCopy, sameJson } from './store/json.ts';
export { controllerKeyOf, formatKey, keyOf, kindId, parseKey } from './store/keys.ts';
export type {
  Admission,
  AdmissionRequest,
  CallOptions,
  Change,
  DeleteOptions,
  FieldValidation,
  GroupVersionKind,
  KindSource,
  LabelSelector,
  ListOptions,
  MergeSchema,
  ObjectKey,
  ObjectList,
  Patch,
  PatchOptions,
  Propagation,
  ResourceStore,
  SelectorRequirement,
  StoredKind,
  WatchOptions,
  WriteOptions,
} from './store/resource-store.ts';
export {
  fieldSelectorText,
  labelSelectorText,
  parseFieldSelector,
  parseLabelSelector,
} from './store/selectors.ts';
export { observerOf, Tracker } from './tracker.ts';
export type { TrackedReference, TrackerOptions } from './tracker.ts';
export { invalidObject, strictRefusal } from './store/refusals.ts';
