/** Reads the dead letters that the product keeps, as its users would: over the control port. */
import { request } from 'undici';

export interface StoredLetter {
  readonly name: string;
  readonly trigger: string;
  readonly id: string;
  readonly destination: string;
  readonly code: string;
}

interface LetterList {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
    readonly status?: { readonly destination?: string; readonly code?: number };
    readonly spec?: { readonly event?: { readonly id?: string } };
  }[];
}

const PAGE = 500;
const TRIGGER_LABEL = 'eventing.knative.dev/trigger';

export async function storedLetters(
  controlUrl: string,
  namespace: string,
): Promise<readonly StoredLetter[]> {
  const letters: StoredLetter[] = [];
  let after: string | undefined;
  do {
    const list = await page(controlUrl, namespace, after);
    for (const { metadata, status, spec } of list.items) {
      letters.push({
        name: metadata.name,
        trigger: metadata.labels?.[TRIGGER_LABEL] ?? '',
        id: spec?.event?.id ?? '',
        destination: status?.destination ?? '',
        code: status?.code === undefined ? '' : String(status.code),
      });
    }
    after = list.metadata.continue;
  } while (after !== undefined && after !== '');
  return letters;
}

async function page(
  controlUrl: string,
  namespace: string,
  after: string | undefined,
): Promise<LetterList> {
  const url = new URL(`/apis/afflux.dev/v1alpha1/namespaces/${namespace}/deadletters`, controlUrl);
  url.searchParams.set('limit', String(PAGE));
  if (after !== undefined) url.searchParams.set('continue', after);
  const answer = await request(url);
  const text = await answer.body.text();
  if (answer.statusCode !== 200) {
    throw new Error(`dead letters: status ${String(answer.statusCode)}: ${text.slice(0, 200)}`);
  }
  return JSON.parse(text) as LetterList;
}
