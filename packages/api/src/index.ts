export { ADMISSION_SERVER_LIMITS, AdmissionServer } from './admission/admission-server.ts';
export type {
  AdmissionServerLimits,
  AdmissionServerOptions,
  KeyPair,
} from './admission/admission-server.ts';
export { ADMISSION_LIMITS, admissionWebhooks } from './admission/admission-webhooks.ts';
export type {
  AdmissionHandler,
  AdmissionLimits,
  AdmissionWebhookOptions,
} from './admission/admission-webhooks.ts';
export type { ConfigProblems } from './admission/config-validation.ts';
export { ApiError } from './errors.ts';
export type { ApiErrorCode } from './errors.ts';
export type { ExtraResource } from './extra-resource.ts';
export { registerResourceApi } from './resource-api.ts';
export type { ResourceApiOptions } from './resource-api.ts';
