/**
 * `/version`. Clients decide by it what the server can do, and kubectl warns when the two are more than one minor
 * version apart: so it names the Kubernetes whose protocol this is, and the product behind a plus sign.
 */

const MAJOR = '1';
const MINOR = '33';

/** Answers for a product of that version (`0.1.0`). */
export function versionInfo({ version }: { readonly version: string }): object {
  const product = version.replaceAll(/[^0-9A-Za-z.-]/gu, '-');
  return {
    major: MAJOR,
    minor: MINOR,
    gitVersion: `v${MAJOR}.${MINOR}.0+afflux-${product}`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: '',
  };
}
