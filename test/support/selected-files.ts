/** Which files a run of vitest is about, for set-ups that start servers only where somebody needs them. */
import type { TestProject } from 'vitest/node';

/** Files of this run, as far as they are named on the command line. */
export async function selectedFiles(project: TestProject): Promise<readonly string[]> {
  const { testFiles } = await project.globTestFiles(filtersOf(project));
  return testFiles;
}

function filtersOf({ vitest }: TestProject): string[] | undefined {
  const { filenamePattern } = vitest as { readonly filenamePattern?: readonly string[] };
  return filenamePattern === undefined ? undefined : [...filenamePattern];
}
