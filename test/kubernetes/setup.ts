/**
 * Run by vitest before the first test: where `KUBEBUILDER_ASSETS` names a folder with etcd and kube-apiserver and no
 * `KUBECONFIG` says which server to use, one is started for this run, if any test of it asks for one.
 */
import { readFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { selectedFiles } from '../support/selected-files.ts';
import { startControlPlane } from './control-plane.ts';

export default async function setup(
  project: TestProject,
): Promise<(() => Promise<void>) | undefined> {
  const { KUBEBUILDER_ASSETS: assets = '', KUBECONFIG: given = '' } = process.env;
  if (assets === '' || given !== '') return undefined;
  const files = await selectedFiles(project);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  // Helpers that ask for it stand beside the tests and are named by them.
  if (
    !texts.some((text) => /KUBE(CONFIG|BUILDER)|servers\.ts|real-cluster\.ts|kubectl/.test(text))
  ) {
    return undefined;
  }
  const controlPlane = await startControlPlane(assets);
  process.env['KUBECONFIG'] = controlPlane.kubeconfig;
  process.stderr.write(`kube-apiserver of ${assets} started for this run\n`);
  return () => controlPlane.stop();
}
