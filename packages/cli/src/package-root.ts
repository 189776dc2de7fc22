/**
 * Where this package is installed. True for `dist/` and for the bundle alike, as long as this file stays at the
 * top of the sources.
 */
import { fileURLToPath } from 'node:url';

export const PACKAGE_ROOT = fileURLToPath(new URL('../', import.meta.url));
