/** Kubernetes' texts: JSONPath, ages, and values as Go writes them. Apart, because few need them. */
export { goJson, goText, inKeyOrder } from './go-text.ts';
export { ageOf, momentOf } from './human-duration.ts';
export { parseJsonPath } from './json-path-reader.ts';
export type { JsonPath } from './json-path-reader.ts';
export { findValues } from './json-path.ts';
export type { Steps } from './json-path.ts';
